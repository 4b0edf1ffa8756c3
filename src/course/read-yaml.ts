import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { courseError } from "./course-error.ts";

export interface FrontMatter<T> {
  readonly data: T;
  /** What follows the closing `---`. */
  readonly body: string;
  /** The line of the file on which `body` begins, 1-based. */
  readonly bodyLine: number;
}

/**
 * Parses the YAML between two `---` lines at the top of a file with a strict schema.
 * Errors name file and line of the first thing that is wrong.
 */
export function readFrontMatter<T>(text: string, file: string, schema: z.ZodType<T>): FrontMatter<T> {
  const lines = normaliseNewlines(text).split("\n");
  if (lines[0]?.trimEnd() !== "---") {
    throw courseError({
      code: "no-front-matter",
      what: {
        es: "El fichero tiene que empezar por «---» y sus datos (front matter).",
        en: "The file must begin with `---` and its front matter.",
      },
      file,
      line: 1,
    });
  }
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  if (end < 0) {
    throw courseError({
      code: "open-front-matter",
      what: {
        es: "El front matter no se cierra: falta una línea «---».",
        en: "The front matter is not closed: a line `---` is missing.",
      },
      file,
      line: lines.length,
    });
  }
  const data = readYaml({ text: lines.slice(1, end).join("\n"), file, schema, firstLine: 2 });
  return { data, body: lines.slice(end + 1).join("\n"), bodyLine: end + 2 };
}

/** Parses a YAML text with a strict schema. `firstLine`: the file's line on which the text begins. */
export function readYaml<T>(input: {
  readonly text: string;
  readonly file: string;
  readonly schema: z.ZodType<T>;
  readonly firstLine?: number;
}): T {
  const { file, schema, firstLine = 1 } = input;
  const counter = new LineCounter();
  const document = parseDocument(input.text, { lineCounter: counter, uniqueKeys: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const line = firstLine - 1 + (problem.linePos?.[0]?.line ?? 1);
    const message = problem.message.split("\n")[0] ?? problem.message;
    throw courseError({ code: "yaml", what: message.replace(/ at line .*$/, ""), file, line });
  }
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw parsed.error;
  const line = firstLine - 1 + lineOf(document, counter, issue);
  throw courseError({ code: "schema", what: describeIssue(issue), file, line, cause: parsed.error });
}

/** `inputs.leads.rows: Invalid input: expected number`, the deepest of a union's complaints. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "invalid_union") {
    const nested = issue.errors
      .map((branch) => branch[0])
      .filter((branch) => branch !== undefined)
      .map(describeIssue);
    if (nested.length > 0) return `${path === "" ? "" : `${path}: `}${[...new Set(nested)].join("; or ")}`;
  }
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

export function normaliseNewlines(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}

/** The line, within the YAML, of the node that an issue's path leads to, or of the unknown key. */
function lineOf(document: Document, counter: LineCounter, issue: z.core.$ZodIssue): number {
  const path = [...issue.path];
  if (issue.code === "unrecognized_keys") {
    const parent = path.length === 0 ? document.contents : document.getIn(path, true);
    const offset = isMap(parent) ? keyOffset(parent, issue.keys[0] ?? "") : undefined;
    if (offset !== undefined) return counter.linePos(offset).line;
  }
  for (; path.length > 0; path.pop()) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const key = String(path.at(-1));
    const offset = isMap(parent) ? keyOffset(parent, key) : undefined;
    if (offset !== undefined) return counter.linePos(offset).line;
    const node = document.getIn(path, true);
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
  }
  return 1;
}

function keyOffset(map: { items: readonly unknown[] }, key: string): number | undefined {
  for (const item of map.items) {
    if (!isPair(item) || !isScalar(item.key)) continue;
    if (String(item.key.value) === key) return item.key.range?.[0];
  }
  return undefined;
}
