import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openEngine } from "../../src/engines/open.ts";
import { readModelFile, scoreTables } from "../../src/ml/index.ts";

// From Parquet to Parquet, a table at a time: node score-parquet.js MODEL IN OUT THREADS → {rows, seconds}.
const [modelPath = "", input = "", out = "", threads] = process.argv.slice(2);
const pipeline = readModelFile(await readFile(modelPath, "utf8"));
const start = performance.now();
await mkdir(out, { recursive: true });
const reader = await openEngine("duckdb", { threads: 1, memoryBytes: 256 * 2 ** 20 });
const writer = await openEngine("duckdb", { threads: 1, memoryBytes: 256 * 2 ** 20 });
let rows = 0;
let parts = 0;
try {
  await reader.register("input", { kind: "parquet", paths: [input] });
  const tables = scoreTables(pipeline, reader.stream("SELECT * FROM input"), { threads: Number(threads) });
  for await (const table of tables) {
    await writer.register("part", { kind: "table", table });
    const path = join(out, `part-${String(parts).padStart(5, "0")}.parquet`);
    await writer.writeParquet("SELECT id, score FROM part", { path, singleFile: true });
    rows += table.rowCount;
    parts++;
  }
} finally {
  await reader.close();
  await writer.close();
}
console.log(JSON.stringify({ rows, seconds: (performance.now() - start) / 1000 }));
