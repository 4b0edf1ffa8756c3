import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { systemCode } from "../core/errors.ts";
import type { Block, Module } from "./course.ts";
import { courseError } from "./course-error.ts";
import { normaliseNewlines } from "./read-yaml.ts";

/** A piece of a real file, to be shown. */
export interface SourceExcerpt {
  /** Below the module's folder, with forward slashes. */
  readonly file: string;
  /** As highlighters name it: `sql`, `typescript`, `yaml`, … */
  readonly language: string;
  /** 1-based. */
  readonly firstLine: number;
  readonly text: string;
}

/** A file of a module, whole or some of its lines. Throws a UserError when file, lines or region are not there. */
export async function readExcerpt(
  module: Module,
  part: Pick<Extract<Block, { kind: "show" }>, "file" | "from" | "to" | "region">,
): Promise<SourceExcerpt> {
  const { file } = part;
  const lines = (await readModuleFile(module, file)).replace(/\n$/, "").split("\n");
  const path = join(module.dir, file);
  if (part.region !== undefined) {
    const range = findRegion(lines, part.region);
    if (range === undefined)
      throw courseError({
        code: "no-region",
        what: `the region "${part.region}" is not in the file`,
        file: path,
      });
    return excerpt(file, lines, range.from, range.to);
  }
  const { from = 1, to = lines.length } = part;
  if (from > to || to > lines.length) {
    throw courseError({
      code: "no-such-lines",
      what: {
        es: `El fichero tiene ${lines.length} líneas: no hay de la ${from} a la ${to}.`,
        en: `The file has ${lines.length} lines: there is no ${from} to ${to}.`,
      },
      file: path,
    });
  }
  return excerpt(file, lines, from, to);
}

/**
 * The source of a pipeline's step: the region that bears its id, else the object `{ id: "…", … }` in
 * `steps`; the whole file when neither can be told.
 */
export async function stepExcerpt(
  module: Module,
  pipelineId: string,
  step: string | undefined,
): Promise<SourceExcerpt> {
  const file = `pipelines/${pipelineId}.ts`;
  const lines = (await readModuleFile(module, file)).replace(/\n$/, "").split("\n");
  const range = step === undefined ? undefined : (findRegion(lines, step) ?? findStep(lines, step));
  return excerpt(file, lines, range?.from ?? 1, range?.to ?? lines.length);
}

function excerpt(file: string, lines: readonly string[], from: number, to: number): SourceExcerpt {
  const part = lines.slice(from - 1, to).filter((line) => !REGION.test(line));
  const indent = Math.min(
    ...part.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)?.[0].length ?? 0),
  );
  const text = part.map((line) => line.slice(Number.isFinite(indent) ? indent : 0)).join("\n");
  return { file, language: languageOf(file), firstLine: from, text };
}

/** `// #region clean` (any comment sign); VS Code folds it. */
const REGION = /^\s*(?:\/\/|--|#|\/\*|<!--)\s*#(?:end)?region\b/;

function findRegion(lines: readonly string[], region: string): { from: number; to: number } | undefined {
  const name = (line: string) => /#region\s+([A-Za-z0-9-]+)/.exec(line)?.[1];
  const start = lines.findIndex((line) => REGION.test(line) && name(line) === region);
  if (start < 0) return undefined;
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (!REGION.test(line)) continue;
    depth += line.includes("#endregion") ? -1 : 1;
    if (depth === 0) return { from: start + 2, to: at };
  }
  return undefined;
}

/** By indentation, as the formatter leaves it: from the `{` above `id: "…"` to the `}` of the same column. */
function findStep(lines: readonly string[], step: string): { from: number; to: number } | undefined {
  const steps = lines.findIndex((line) => /^\s*steps:/.test(line));
  const id = lines.findIndex(
    (line, at) => at > steps && new RegExp(`^\\s*(?:\\{\\s*)?id: ["']${step}["']`).test(line),
  );
  if (steps < 0 || id < 0) return undefined;
  const open = /^\s*\{/.test(lines[id] ?? "") ? id : id - 1;
  const indent = /^\s*/.exec(lines[open] ?? "")?.[0] ?? "";
  const close = lines.findIndex((line, at) => at >= open && new RegExp(`^${indent}\\}`).test(line));
  if (close < 0 || !/^\s*\{/.test(lines[open] ?? "")) return undefined;
  return { from: open + 1, to: close + 1 };
}

async function readModuleFile(module: Module, file: string): Promise<string> {
  const path = join(module.dir, file);
  try {
    return normaliseNewlines(await readFile(path, "utf8"));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw courseError({
      code: "missing-file",
      what: {
        es: "La lección nombra un fichero que no está.",
        en: "The lesson names a file that is not there.",
      },
      file: path,
      cause: error,
    });
  }
}

const LANGUAGES: Readonly<Record<string, string>> = {
  ".sql": "sql",
  ".ts": "typescript",
  ".js": "javascript",
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
  ".py": "python",
  ".md": "markdown",
  ".sh": "bash",
};

function languageOf(file: string): string {
  if (/(^|\/)Dockerfile/.test(file)) return "dockerfile";
  return LANGUAGES[extname(file)] ?? "plaintext";
}
