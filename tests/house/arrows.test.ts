import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const src = join(root, "src");

/** Left to right: a layer may import any layer in a rank before its own, never a neighbour. */
const RANKS: readonly (readonly string[])[] = [
  ["core"],
  ["engines", "services", "data", "ml"],
  ["streaming", "orchestration", "serving"],
  ["grading"],
  ["course"],
  ["cli"],
];

describe("the house", () => {
  test("a layer imports only layers to its left", () => {
    const broken = sourceFiles(src).flatMap((file) => {
      const from = layerOf(file);
      if (from === undefined) return [];
      return importsOf(file)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => ({ specifier, to: layerOf(resolve(dirname(file), specifier)) }))
        .filter(({ to }) => to !== undefined && to !== from && rankOf(to) >= rankOf(from))
        .map(({ specifier }) => `${relative(root, file)} imports ${specifier}`);
    });
    expect(broken).toEqual([]);
  });

  test("cli/ui imports values only from core and itself", () => {
    const broken = sourceFiles(join(src, "cli", "ui")).flatMap((file) =>
      valueImportsOf(file)
        .filter((specifier) => specifier.startsWith("."))
        .filter((specifier) => {
          const target = relative(src, resolve(dirname(file), specifier))
            .split(sep)
            .join("/");
          return !/^(core|cli\/ui|cli\/texts)\//.test(target);
        })
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(broken).toEqual([]);
  });

  test("lessons import the doors and libraries, never a file of src", () => {
    const broken = sourceFiles(join(root, "lessons")).flatMap((file) =>
      importsOf(file)
        .filter(
          (specifier) =>
            specifier.includes("src/") || (specifier.startsWith("..") && leavesModule(file, specifier)),
        )
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(broken).toEqual([]);
  });

  test("no file in src names a lesson", () => {
    const lessons = readdirSync(join(root, "lessons"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const broken = sourceFiles(src).filter((file) =>
      lessons.some((name) => readFileSync(file, "utf8").includes(`lessons/${name}`)),
    );
    expect(broken).toEqual([]);
  });

  test("no file is called utils, helpers, common or misc", () => {
    expect(
      sourceFiles(src).filter((file) => /(^|[/\\-])(utils?|helpers?|common|misc)\.ts$/.test(file)),
    ).toEqual([]);
  });

  test("only core, engines and the sandbox know DuckDB by its package's name", () => {
    const knows = sourceFiles(src)
      .filter((file) => importsOf(file).some((specifier) => specifier.startsWith("@duckdb/")))
      .map((file) => relative(src, file).split(sep).join("/"))
      .filter((file) => !/^(engines\/duckdb|grading\/kinds\/sql)\//.test(file));
    expect(knows).toEqual([]);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
}

function valueImportsOf(file: string): string[] {
  return [
    ...readFileSync(file, "utf8").matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"/gm),
  ].map((match) => match[1] ?? "");
}

function layerOf(path: string): string | undefined {
  const parts = relative(src, path).split(sep);
  return parts.length > 1 && parts[0] !== ".." ? parts[0] : undefined;
}

function rankOf(layer: string): number {
  const rank = RANKS.findIndex((names) => names.includes(layer));
  return rank < 0 ? Number.POSITIVE_INFINITY : rank;
}

function leavesModule(file: string, specifier: string): boolean {
  const lessons = join(root, "lessons");
  const moduleName = relative(lessons, file).split(sep)[0] ?? "";
  return relative(join(lessons, moduleName), resolve(dirname(file), specifier)).startsWith("..");
}
