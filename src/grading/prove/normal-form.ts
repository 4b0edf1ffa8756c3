import type { ExerciseKind } from "../exercise.ts";
import type { Files } from "../gradable.ts";
import { normalSql } from "./normal-sql.ts";

/**
 * What is left of a submission when everything is taken away that is no method: layout, comments, types and
 * names. Two submissions of one form do the same in the same way. A file that can't be parsed stands as it is.
 */
export async function normalForm(kind: ExerciseKind, files: Files): Promise<string> {
  const names = Object.keys(files).sort();
  const forms = await Promise.all(names.map((name) => formOfFile(kind, name, files[name] ?? "")));
  return names.map((name, index) => `${name}\n${forms[index]}`).join("\n");
}

async function formOfFile(kind: ExerciseKind, name: string, text: string): Promise<string> {
  if (kind === "sql") return normalSql(text);
  if (kind === "ts" || kind === "router") return minified(text);
  if (/\.(ya?ml|json)$/i.test(name)) return normalYaml(text);
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, "").trim().replace(/\s+/g, " "))
    .filter((line) => line !== "")
    .join("\n");
}

async function minified(text: string): Promise<string> {
  const { transform } = await import("esbuild");
  try {
    const { code } = await transform(text, {
      loader: "ts",
      format: "esm",
      minify: true,
      legalComments: "none",
    });
    return renumbered(code);
  } catch {
    return text;
  }
}

/** Strings, names that a minifier gives (one or two letters), and what is neither a property nor a key. */
const NAME = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w$.])[A-Za-z_$][\w$]?(?![\w$])/g;
const SHORT_KEYWORDS = new Set(["as", "do", "if", "in", "of"]);

/** A minifier picks short names by how often letters occur in the source: numbers in order of appearance instead. */
function renumbered(code: string): string {
  const numbers = new Map<string, string>();
  const exportsAt = code.lastIndexOf("export{");
  return code.replace(NAME, (name, at: number) => {
    const isKey = /[{,]/.test(code[at - 1] ?? "") && code[at + name.length] === ":";
    const isExported = exportsAt >= 0 && at > exportsAt && code.slice(at - 4, at) === " as ";
    if (/^["']/.test(name) || SHORT_KEYWORDS.has(name) || isKey || isExported) return name;
    const number = numbers.get(name) ?? `$${numbers.size + 1}`;
    numbers.set(name, number);
    return number;
  });
}

async function normalYaml(text: string): Promise<string> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return text;
  return JSON.stringify(documents.map((document) => sorted(document.toJS())));
}

/** The same data with its keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
