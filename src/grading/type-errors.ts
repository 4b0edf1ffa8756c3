import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Exercise } from "./exercise.ts";
import type { Files, GradingPlace } from "./gradable.ts";
import { SANDBOX_GLOBALS } from "./type-errors/globals.ts";
import type { TypeErrorNote } from "./verdict.ts";

/** A compiler that takes longer than this says nothing: types are a note, never what a verdict waits for. */
const TIMEOUT_MS = 5_000;

/**
 * The type errors of a TypeScript submission, by line and column of the learner's files (1-based). Empty for
 * other kinds, when there are none, when the compiler does not exist for this system, and when it takes too long.
 *
 * TypeScript's native executable is started directly: about 50 ms for one file, 90 with the learner's door.
 */
export async function checkTypes(
  spec: Exercise,
  submission: Files,
  options: Pick<GradingPlace, "signal" | "emit"> = {},
): Promise<TypeErrorNote[]> {
  if (spec.kind !== "ts" && spec.kind !== "router") return [];
  const files = Object.keys(submission).filter((name) => /\.[mc]?ts$/.test(name));
  if (files.length === 0 || files.some((name) => name !== basename(name))) return [];
  const compiler = compilerPath();
  if (compiler === undefined) {
    options.emit?.({
      kind: "note",
      text: {
        es: `TypeScript no está para ${process.platform}-${process.arch}: no miro los tipos.`,
        en: `TypeScript is not there for ${process.platform}-${process.arch}: I don't check types.`,
      },
    });
    return [];
  }
  const needsNode = spec.kind === "router" || files.some((name) => NODE_IMPORT.test(submission[name] ?? ""));
  const folder = await mkdtemp(join(tmpdir(), "taller-types-"));
  try {
    await Promise.all([
      ...files.map((name) => writeFile(join(folder, name), submission[name] ?? "")),
      writeFile(join(folder, "package.json"), '{"type":"module"}'),
      writeFile(join(folder, "sandbox-globals.d.ts"), SANDBOX_GLOBALS),
      writeFile(join(folder, "tsconfig.json"), JSON.stringify(configOf(files, needsNode))),
    ]);
    const output = await run(compiler, ["-p", "tsconfig.json", "--pretty", "false"], folder, options.signal);
    return parseErrors(output).filter(({ file }) => files.includes(file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The native executable of TypeScript 7, as `typescript/lib/getExePath.js` finds it; undefined where there is none. */
export function compilerPath(): string | undefined {
  const name = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  try {
    const own = createRequire(import.meta.url);
    // It is a dependency of `typescript`, and need not be visible from here.
    const manifest = createRequire(own.resolve("typescript/package.json")).resolve(name);
    const path = join(dirname(manifest), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** An import of one of Node's modules: only then are Node's types loaded, which takes 100 ms more. */
const NODE_IMPORT = /\bfrom\s*["'](node:|fs|path|crypto|events|stream|util)/;

function configOf(files: readonly string[], needsNode: boolean): unknown {
  const node = typesFolder("@types/node");
  const express = typesFolder("@types/express");
  const hasNode = needsNode && node !== undefined;
  return {
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2023"],
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: hasNode ? ["node"] : [],
      ...(hasNode ? { typeRoots: [dirname(node)] } : {}),
      paths: {
        taller: [learnersDoor()],
        ...(express === undefined ? {} : { express: [join(express, "index.d.ts")] }),
      },
    },
    // Node's types declare the same globals.
    files: hasNode ? files : [...files, "sandbox-globals.d.ts"],
  };
}

/** `src/index.ts` when this runs from source, else the declarations built beside this file. */
function learnersDoor(): string {
  const isSource = import.meta.url.endsWith(".ts");
  return fileURLToPath(new URL(isSource ? "../index.ts" : "../index.d.ts", import.meta.url));
}

/** Types that the installation has; `@types/node` comes with those of Express. */
function typesFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Standard output whatever the exit code (the compiler's is 1 or 2 when there are errors); "" when it was stopped. */
function run(
  path: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve) => {
    execFile(path, args, { cwd, signal, timeout: TIMEOUT_MS, windowsHide: true }, (error, stdout) =>
      resolve(error?.killed === true || error?.name === "AbortError" ? "" : stdout),
    );
  });
}

/** `clean.ts(3,9): error TS2322: Type …`, with indented lines of detail below. */
export function parseErrors(output: string): TypeErrorNote[] {
  const notes: TypeErrorNote[] = [];
  for (const line of output.split(/\r?\n/)) {
    const match = /^(.+?)\((\d+),(\d+)\): error TS(\d+): (.*)$/.exec(line);
    if (match === null) {
      const last = notes[notes.length - 1];
      if (last !== undefined && /^\s+\S/.test(line)) {
        notes[notes.length - 1] = { ...last, message: `${last.message} ${line.trim()}` };
      }
      continue;
    }
    const [, file = "", row = "1", column = "1", code = "", message = ""] = match;
    notes.push({ file, line: Number(row), column: Number(column), message: `TS${code}: ${message}` });
  }
  return notes.filter(({ message }) => !isAboutSetting(message));
}

/**
 * Not the learner's: syntax (TS1…, the verdict says it already), and modules of Node whose types are not
 * loaded because they would double the time.
 */
function isAboutSetting(message: string): boolean {
  return /^TS1\d{3}:/.test(message) || /^TS(2307|7016|2591): .*'(node:)?[a-z_/]+'/.test(message);
}
