import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { Table } from "../../src/core/table.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));

interface Page {
  readonly test: Table;
  readonly scores: Float64Array;
  readonly again: Float64Array;
  readonly auc: number;
  readonly losses: { readonly model: number; readonly baseline: number };
  readonly interval: { readonly low: number; readonly high: number };
  readonly importances: readonly { readonly name: string }[];
  readonly sql: string;
  readonly ofLinear: Float64Array;
  readonly linearSql: string;
  readonly ofOneRow: number;
  readonly inChunks: readonly number[];
  readonly silhouette: number;
  readonly segmentOf: Int32Array;
  readonly segmentsAgain: Int32Array;
}

test("the code of docs/ml.md runs, beats its baseline and gives the same scores from the file and in SQL", async () => {
  const folder = await mkdtemp(join(tmpdir(), "taller-ml-docs-"));
  const engine = await openEngine("duckdb", { threads: 1 });
  try {
    const page = await runPage(folder);
    expect(page.auc).toBeGreaterThan(0.6);
    expect(page.losses.model).toBeLessThan(page.losses.baseline);
    expect(page.interval.low).toBeLessThan(page.auc);
    expect(page.interval.high).toBeGreaterThan(page.auc);
    expect(page.importances.map((one) => one.name)).toEqual(["visits", "source"]);
    expect(page.again).toEqual(page.scores);
    await engine.register("test", { kind: "table", table: page.test });
    expectSame(await query(engine, page.sql), page.scores);
    expectSame(await query(engine, page.linearSql), page.ofLinear);
    expect(page.ofOneRow).toBeGreaterThan(page.scores.reduce((sum, p) => sum + p, 0) / page.scores.length);
    expect(page.inChunks).toEqual([...page.scores]);
    expect(page.silhouette).toBeGreaterThan(0.3);
    expect(page.segmentsAgain).toEqual(page.segmentOf);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});

async function query(engine: Engine, sql: string): Promise<Float64Array> {
  const [column] = (await engine.query(`SELECT ${sql} AS p FROM test`)).columns;
  return column?.kind === "float64" ? column.values : new Float64Array(0);
}

function expectSame(actual: Float64Array, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((p, i) => {
    expect(actual[i]).toBeCloseTo(p, 12);
  });
}

/** All blocks of the page as one module. */
async function runPage(folder: string): Promise<Page> {
  const markdown = await readFile(join(docs, "ml.md"), "utf8");
  const contents = [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]).join("\n");
  const built = await build({
    stdin: { contents, resolveDir: docs, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["ml-*"],
    write: false,
  });
  const file = join(folder, "page.mjs");
  await writeFile(file, built.outputFiles[0]?.text ?? "");
  return (await import(pathToFileURL(file).href)) as Page;
}
