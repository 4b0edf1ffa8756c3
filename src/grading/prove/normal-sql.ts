interface Token {
  readonly kind: "word" | "text" | "number" | "sign";
  readonly text: string;
}

/**
 * SQL as a stream of tokens without what is no method: comments, layout, case, quotes that a name does not need,
 * qualifiers (`n.id`) and aliases of tables and columns. Names that the query gives itself (common table
 * expressions, aliases that are used) become numbers in the order in which they appear.
 */
export function normalSql(sql: string): string {
  const tokens = tokenise(sql);
  const given = givenNames(tokens);
  const kept: Token[] = [];
  const casts: boolean[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    const next = tokens[i + 1];
    if (token === undefined) continue;
    if (token.text === "(") casts.push(isCast(tokens[i - 1]));
    if (token.text === ")") casts.pop();
    if (token.text === ";") continue;
    // `n.` before a column.
    if (token.kind === "word" && next?.text === "." && tokens[i + 2]?.kind === "word") {
      i++;
      continue;
    }
    // `AS name`, but neither `CAST(x AS type)` nor `name AS (`.
    if (token.text === "as" && next?.kind === "word" && casts.at(-1) !== true && next.text !== "select") {
      i++;
      // The columns of `AS t(a, b)`.
      if (tokens[i + 1]?.text === "(") while (i + 1 < tokens.length && tokens[i]?.text !== ")") i++;
      continue;
    }
    kept.push(token);
  }
  const numbers = new Map<string, string>();
  return kept
    .map((token) => {
      if (token.kind !== "word" || !given.has(token.text)) return token.text;
      const number = numbers.get(token.text) ?? `$${numbers.size + 1}`;
      numbers.set(token.text, number);
      return number;
    })
    .join(" ");
}

function isCast(token: Token | undefined): boolean {
  return token?.text === "cast" || token?.text === "try_cast";
}

/** Aliases (`AS name`) and common table expressions (`name AS (`). */
function givenNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.text !== "as") return;
    const before = tokens[i - 1];
    const after = tokens[i + 1];
    if (after?.text === "(" && before?.kind === "word") names.add(before.text);
    // `n.id AS id` gives no new name.
    else if (after?.kind === "word" && after.text !== before?.text && !isInCast(tokens, i)) {
      names.add(after.text);
    }
  });
  return names;
}

/** True when the innermost open parenthesis before this token is a cast's. */
function isInCast(tokens: readonly Token[], at: number): boolean {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    if (tokens[i]?.text === ")") depth++;
    if (tokens[i]?.text !== "(") continue;
    if (depth === 0) return isCast(tokens[i - 1]);
    depth--;
  }
  return false;
}

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_$][\p{L}\p{N}_$]*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|<>|!=|<=|>=|\|\||::|[\s\S]/gu;

function tokenise(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [text] of sql.matchAll(TOKEN)) {
    if (/^(--|\/\*|\s)/.test(text)) continue;
    if (text.startsWith("'")) tokens.push({ kind: "text", text });
    else if (text.startsWith('"')) {
      const name = text.slice(1, -1).replaceAll('""', '"');
      tokens.push({ kind: "word", text: /^[\p{L}_]\w*$/u.test(name) ? name.toLowerCase() : text });
    } else if (/^[\p{L}_$]/u.test(text)) tokens.push({ kind: "word", text: text.toLowerCase() });
    else if (/^\.?\d/.test(text)) tokens.push({ kind: "number", text: String(Number(text)) });
    else tokens.push({ kind: "sign", text: text === "!=" ? "<>" : text });
  }
  return tokens;
}
