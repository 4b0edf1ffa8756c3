import { invalid } from "../mlflow-error.ts";
import { type Field, parseField, type SearchLanguage } from "./language.ts";
import { isWord, type Token, tokenize } from "./tokens.ts";

export interface Clause {
  readonly field: Field;
  readonly comparator: Comparator;
  /** A list for IN and NOT IN; nothing for IS NULL and IS NOT NULL. */
  readonly value: string | number | readonly string[] | undefined;
}

type Comparator =
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "LIKE"
  | "ILIKE"
  | "IN"
  | "NOT IN"
  | "IS NULL"
  | "IS NOT NULL";

const NUMBER_COMPARATORS: readonly Comparator[] = ["=", "!=", "<", "<=", ">", ">="];
const TEXT_COMPARATORS: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
const LIST_COMPARATORS: readonly Comparator[] = ["IN", "NOT IN"];
const NULL_COMPARATORS: readonly Comparator[] = ["IS NULL", "IS NOT NULL"];

/** Reads `clause AND clause …`; an empty filter has no clause. Throws INVALID_PARAMETER_VALUE. */
export function parseFilter(language: SearchLanguage, text: string | undefined): readonly Clause[] {
  if (text === undefined || text.trim() === "") return [];
  const reader = tokenReader(tokenize(text, "filter string"));
  const clauses: Clause[] = [];
  for (;;) {
    clauses.push(readClause(language, reader));
    const next = reader.take();
    if (next === undefined) return clauses;
    if (!isWord(next, "AND")) throw invalid(`Invalid clause(s) in filter string: '${next.text}'`);
    // MLflow takes one at the end, where a program that joins clauses leaves it.
    if (reader.peek() === undefined) return clauses;
  }
}

/**
 * True when every clause holds. `lookUp` gives the value of a field, undefined where there is none: then only
 * IS NULL holds. A field with several values (data sets) holds when one of them does.
 */
export function matches(
  clauses: readonly Clause[],
  lookUp: (field: Field) => string | number | undefined | readonly string[],
): boolean {
  return clauses.every((clause) => {
    const found = lookUp(clause.field);
    if (Array.isArray(found)) return found.some((one) => holds(clause, one));
    return typeof found === "object" ? false : holds(clause, found);
  });
}

function holds({ comparator, value }: Clause, found: string | number | undefined): boolean {
  if (comparator === "IS NULL") return found === undefined;
  if (comparator === "IS NOT NULL") return found !== undefined;
  if (found === undefined || value === undefined) return false;
  switch (comparator) {
    case "=":
      return found === value;
    case "!=":
      return found !== value;
    case "<":
      return found < value;
    case "<=":
      return found <= value;
    case ">":
      return found > value;
    case ">=":
      return found >= value;
    case "LIKE":
      return isLike(String(found), String(value));
    case "ILIKE":
      return isLike(String(found).toLowerCase(), String(value).toLowerCase());
    case "IN":
      return Array.isArray(value) && value.includes(String(found));
    case "NOT IN":
      return Array.isArray(value) && !value.includes(String(found));
  }
}

/**
 * SQL's LIKE: `%` any text, `_` one character. In time linear in text × pattern: of two `%` only the last is ever
 * tried again.
 */
export function isLike(text: string, pattern: string): boolean {
  const chars = [...text];
  const wanted = [...pattern];
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < chars.length) {
    if (wanted[next] === "%") {
      star = next++;
      starAt = at;
    } else if (next < wanted.length && (wanted[next] === "_" || wanted[next] === chars[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (wanted[next] === "%") next++;
  return next === wanted.length;
}

interface TokenReader {
  take(): Token | undefined;
  peek(): Token | undefined;
}

function tokenReader(tokens: readonly Token[]): TokenReader {
  let at = 0;
  return { take: () => tokens[at++], peek: () => tokens[at] };
}

function readClause(language: SearchLanguage, reader: TokenReader): Clause {
  const name = reader.take();
  if (name?.kind !== "name") throw invalid(`Invalid clause(s) in filter string: '${name?.text ?? ""}'`);
  const comparator = readComparator(reader, name.text);
  const field = parseField(language, name.text, "filter");
  checkComparator(language, field, comparator);
  if (NULL_COMPARATORS.includes(comparator)) return { field, comparator, value: undefined };
  if (LIST_COMPARATORS.includes(comparator)) return { field, comparator, value: readList(reader) };
  return { field, comparator, value: readValue(reader, field) };
}

function readComparator(reader: TokenReader, name: string): Comparator {
  const token = reader.take();
  const known = [...NUMBER_COMPARATORS, "LIKE", "ILIKE", "IN"] as const;
  const found = known.find((one) => one === token?.text.toUpperCase());
  if (found !== undefined) return found;
  if (isWord(token, "NOT") && isWord(reader.peek(), "IN")) {
    reader.take();
    return "NOT IN";
  }
  if (isWord(token, "IS")) {
    const second = reader.take();
    if (isWord(second, "NULL")) return "IS NULL";
    if (isWord(second, "NOT") && isWord(reader.take(), "NULL")) return "IS NOT NULL";
  }
  throw invalid(
    `Invalid clause(s) in filter string: '${name}${token === undefined ? "" : ` ${token.text}`}'`,
  );
}

function checkComparator(language: SearchLanguage, field: Field, comparator: Comparator): void {
  const isPair = field.entity === "tag" || field.entity === "param";
  const isList = field.entity === "dataset" || language.listAttributes.includes(field.key);
  if (LIST_COMPARATORS.includes(comparator) && field.entity === "attribute" && !isList && !field.isNumber) {
    throw invalid(
      `Only '${language.listAttributes.join("', '")}' attributes support comparison with a list of quoted string values.`,
    );
  }
  const valid = field.isNumber
    ? NUMBER_COMPARATORS
    : [
        ...TEXT_COMPARATORS,
        ...(isPair ? NULL_COMPARATORS : []),
        ...(isList && !isPair ? LIST_COMPARATORS : []),
      ];
  if (!valid.includes(comparator)) {
    throw invalid(
      `Invalid comparator '${comparator}' for ${field.entity} '${field.key}': not one of '${valid.join("', '")}'`,
    );
  }
}

function readValue(reader: TokenReader, field: Field): string | number {
  const token = reader.take();
  if (field.isNumber) {
    if (token?.kind === "number") return token.value;
    const what = field.entity === "metric" ? "metric" : `numeric attribute: ${field.key}`;
    throw invalid(`Expected numeric value type for ${what}. Found ${token?.text ?? "nothing"}`);
  }
  if (token?.kind === "string") return token.value;
  throw invalid(
    `Expected a quoted string value for ${field.entity} (e.g. 'my-value'). Got value ${token?.text ?? "nothing"}`,
  );
}

function readList(reader: TokenReader): readonly string[] {
  const refusal = () =>
    invalid("While parsing a list in the query, expected a non-empty list of quoted string values.");
  if (reader.take()?.text !== "(") throw refusal();
  const values: string[] = [];
  for (;;) {
    const token = reader.take();
    if (token?.kind !== "string") throw refusal();
    values.push(token.value);
    const next = reader.take();
    if (next?.text === ")") return values;
    if (next?.text !== ",") throw refusal();
    // Python's tuples of one: ('a',)
    if (reader.peek()?.text === ")") {
      reader.take();
      return values;
    }
  }
}
