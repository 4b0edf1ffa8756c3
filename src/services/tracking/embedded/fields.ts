import { invalid } from "./mlflow-error.ts";

/**
 * A request's fields, from its JSON body or its query, read with protobuf's leniency: a number may come as text, an
 * absent text is empty. What is of another type is INVALID_PARAMETER_VALUE and names the field.
 */
export interface Fields {
  has(name: string): boolean;
  /** Empty when absent. */
  text(name: string): string;
  /** Refused when absent or empty. */
  required(name: string): string;
  /** `run_id`, or `run_uuid` as old clients call it. */
  runId(): string;
  integer(name: string): number | undefined;
  requiredInteger(name: string): number;
  /** With NaN and the infinities, as the texts that protobuf makes of them. */
  requiredDouble(name: string): number;
  flag(name: string): boolean;
  /** One of these words, or its number in protobuf. */
  word<T extends string>(name: string, words: Readonly<Record<T, number>>): T | undefined;
  texts(name: string): readonly string[];
  /** The entries of a list of objects; `path` of an entry's fields is `metrics[0].key`. */
  entries(name: string): readonly Fields[];
  /** A nested object; empty when absent. */
  nested(name: string): Fields;
}

/** Fields of a parsed JSON body, or of one of its objects. */
export function fieldsOfJson(value: unknown, path = ""): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(
      path === "" ? "The request's body has to be a JSON object." : badValue(path, value, "an object"),
    );
  }
  const entries = new Map<string, unknown>(Object.entries(value));
  return fieldsOver((name) => entries.get(name), path);
}

/** Fields of a query: a repeated name is a list. */
export function fieldsOfQuery(query: URLSearchParams): Fields {
  return fieldsOver((name) => {
    const values = query.getAll(name);
    return values.length > 1 ? values : values[0];
  }, "");
}

function fieldsOver(get: (name: string) => unknown, path: string): Fields {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const has = (name: string) => get(name) !== undefined && get(name) !== null;

  const text = (name: string): string => {
    const value = get(name);
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    throw invalid(badValue(at(name), value, "a text"));
  };

  const absent = (name: string) => invalid(`Missing value for required parameter '${at(name)}'.`);

  const required = (name: string): string => {
    const value = text(name);
    if (value === "") throw absent(name);
    return value;
  };

  const integer = (name: string): number | undefined => {
    const value = get(name);
    if (value === undefined || value === null || value === "") return undefined;
    const number = typeof value === "string" && /^-?\d+(\.0+)?$/.test(value) ? Number(value) : value;
    // A safe integer: beyond it, two steps could become one.
    if (typeof number === "number" && Number.isSafeInteger(number)) return number;
    throw invalid(badValue(at(name), value, "a whole number"));
  };

  const list = (name: string): readonly unknown[] => {
    const value = get(name);
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    if (typeof value === "string") return [value];
    throw invalid(badValue(at(name), value, "a list"));
  };

  return {
    has,
    text,
    required,
    integer,
    runId: () => (has("run_id") || !has("run_uuid") ? required("run_id") : required("run_uuid")),
    requiredInteger: (name) => {
      const value = integer(name);
      if (value === undefined) throw absent(name);
      return value;
    },
    requiredDouble: (name) => {
      const value = get(name);
      if (value === undefined || value === null || value === "") throw absent(name);
      const isNumberText =
        typeof value === "string" &&
        /^\s*(NaN|-?Infinity|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)\s*$/.test(value);
      const number = isNumberText ? Number(value) : value;
      if (typeof number === "number") return number;
      throw invalid(badValue(at(name), value, "a number"));
    },
    flag: (name) => {
      const value = get(name);
      if (value === undefined || value === null) return false;
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      throw invalid(badValue(at(name), value, "true or false"));
    },
    word: (name, words) => {
      const value = get(name);
      if (value === undefined || value === null || value === "") return undefined;
      for (const word in words) if (value === word || Number(value) === words[word]) return word;
      throw invalid(badValue(at(name), value, `one of ${Object.keys(words).join(", ")}`));
    },
    texts: (name) =>
      list(name).map((value, index) => {
        if (typeof value === "string") return value;
        throw invalid(badValue(`${at(name)}[${index}]`, value, "a text"));
      }),
    entries: (name) => list(name).map((value, index) => fieldsOfJson(value, `${at(name)}[${index}]`)),
    nested: (name) => fieldsOfJson(has(name) ? get(name) : {}, at(name)),
  };
}

function badValue(path: string, value: unknown, wanted: string): string {
  return `Invalid value ${JSON.stringify(value)?.slice(0, 200)} for parameter '${path}' supplied: it has to be ${wanted}.`;
}
