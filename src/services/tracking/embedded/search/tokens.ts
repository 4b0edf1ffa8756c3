import { invalid } from "../mlflow-error.ts";

/** A piece of a filter or an order, as MLflow's small language has them. */
export type Token =
  /** `metrics.auc`, ``tags.`a b` ``, `params."x"`, `start_time`: with its quotes. */
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "number"; readonly text: string; readonly value: number; readonly isInteger: boolean }
  /** `text` with its quotes, `value` without. */
  | { readonly kind: "string"; readonly text: string; readonly value: string }
  | { readonly kind: "operator"; readonly text: string }
  | { readonly kind: "punctuation"; readonly text: "(" | ")" | "," };

const PATTERNS: readonly [Token["kind"] | "space", RegExp][] = [
  ["space", /\s+/y],
  ["number", /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ["string", /'(?:[^']|'')*'/y],
  // A name's parts: plain, or in one kind of quotes; a text in double quotes alone is a value.
  ["name", /(?:[\p{L}_][\p{L}\p{N}_]*|`[^`]*`)(?:\.(?:[\p{L}\p{N}_]+|`[^`]*`|"[^"]*"|'[^']*'))*/uy],
  ["string", /"[^"]*"/y],
  ["operator", /<=|>=|!=|<>|==|=|<|>/y],
  ["punctuation", /[(),]/y],
];

/** Cuts a text into tokens; throws INVALID_PARAMETER_VALUE at what is none. */
export function tokenize(text: string, what: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const found = nextToken(text, at);
    if (found === undefined) throw invalid(`Invalid clause(s) in ${what}: '${text.slice(at, at + 40)}'`);
    if (found.token !== undefined) tokens.push(found.token);
    at = found.end;
  }
  return tokens;
}

function nextToken(text: string, at: number): { token: Token | undefined; end: number } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return { token: tokenOf(kind, found), end: at + found.length };
  }
  return undefined;
}

function tokenOf(kind: Token["kind"] | "space", text: string): Token | undefined {
  switch (kind) {
    case "space":
      return undefined;
    case "number":
      return { kind, text, value: Number(text), isInteger: /^-?\d+$/.test(text) };
    case "string":
      return { kind, text, value: text.slice(1, -1) };
    case "punctuation":
      return { kind, text: text === "(" ? "(" : text === ")" ? ")" : "," };
    default:
      return { kind, text };
  }
}

/** `AND`, `LIKE`, `DESC`: a name that is this word, whatever its case. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "name" && token.text.toUpperCase() === word;
}
