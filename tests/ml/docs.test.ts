import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { Table } from "../../src/core/table.ts";
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
    const [column] = (await engine.query(`SELECT ${page.sql} AS p FROM test`)).columns;
    const inSql = column?.kind === "float64" ? column.values : new Float64Array(0);
    expect(inSql.length).toBe(page.scores.length);
    page.scores.forEach((p, i) => {
      expect(inSql[i]).toBeCloseTo(p, 12);
    });
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
});

async function runPage(folder: string): Promise<Page> {
  const markdown = await readFile(join(docs, "ml.md"), "utf8");
  const contents = /```ts\n([\s\S]*?)```/.exec(markdown)?.[1] ?? "";
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
