export interface StatementText {
  readonly text: string;
  /** 1-based, of the file: where its first word stands. */
  readonly line: number;
}

/**
 * The statements of an SQL text. Semicolons inside quotes, comments and dollar quotes end nothing. DuckDB
 * splits too, but then names lines that are wrong from the second statement on (1.5.6): each is run by itself.
 */
export function splitStatements(sql: string): StatementText[] {
  const statements: StatementText[] = [];
  let line = 1;
  let current: { line: number; text: string } | undefined;
  for (const token of tokensOf(sql)) {
    if (token === ";") {
      if (current !== undefined) statements.push(current);
      current = undefined;
    } else if (current !== undefined) {
      current.text += token;
    } else if (!/^\s*$|^--|^\/\*/.test(token)) {
      current = { line, text: token };
    }
    line += token.split("\n").length - 1;
  }
  if (current !== undefined) statements.push(current);
  return statements;
}

/** Line comment, escape text, text, quoted name, dollar quote, white space, a word, or one character. */
const TOKEN =
  /--[^\n]*|[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|\s+|[\w$]+|[\s\S]/y;

function* tokensOf(sql: string): Generator<string> {
  let at = 0;
  while (at < sql.length) {
    if (sql.startsWith("/*", at)) {
      const end = commentEnd(sql, at);
      yield sql.slice(at, end);
      at = end;
      continue;
    }
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(sql)?.[0] ?? sql.slice(at);
    yield token;
    at += token.length;
  }
}

/** Block comments nest, as in PostgreSQL. */
function commentEnd(sql: string, start: number): number {
  let depth = 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
