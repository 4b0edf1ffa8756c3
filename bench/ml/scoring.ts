import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { openEngine } from "../../src/engines/open.ts";
import {
  fitBoosting,
  type Matrix,
  openScorer,
  type Preparation,
  rowScorer,
  type ScoringPipeline,
  writeModelFile,
} from "../../src/ml/index.ts";
import { type BenchOptions, type BenchRow, benchRow, median } from "../bench-row.ts";
import { measureProcess } from "../process-cost.ts";
import { FEATURES, makeData } from "./data.ts";

/** Scoring with 100 trees of depth 5: a row, a table of `rows`, and ten times as many from Parquet to Parquet. */
export async function benchScoring(options: BenchOptions, rows: number): Promise<BenchRow[]> {
  const { matrix, labels } = makeData(100_000, 3);
  const model = await fitBoosting(matrix, labels, { seed: 1, trees: 100 });
  const preparation: Preparation = { schema: matrix.features, steps: [] };
  const card = { dataHash: "", rows: matrix.rowCount, seed: 1, metrics: {}, library: "bench" };
  const pipeline = { preparation, model, card };
  return [
    oneRow(pipeline, matrix),
    ...(await oneTable(pipeline, rows, options)),
    ...(await parquet(pipeline, rows, options)),
  ];
}

const BASE = { bench: "ml", unit: "s" } as const;

function oneRow({ model }: ScoringPipeline, matrix: Matrix): BenchRow {
  const score = rowScorer(model);
  const row = new Float64Array(FEATURES);
  const calls = 100_000;
  let sum = 0;
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      for (let j = 0; j < FEATURES; j++) row[j] = matrix.columns[j]?.[i] ?? 0;
      sum += score(row);
    }
    return ((performance.now() - start) * 1000) / calls;
  });
  if (!(sum > 0)) throw new Error("the scores are not positive");
  return benchRow({
    ...BASE,
    case: "score one row, 100 trees of depth 5",
    metric: "median time",
    unit: "µs",
    ours: median(times),
    aim: { on: "value", atMost: 10 },
  });
}

async function oneTable(pipeline: ScoringPipeline, rows: number, options: BenchOptions): Promise<BenchRow[]> {
  const { matrix } = makeData(rows, 4);
  const table = {
    fields: matrix.features.map(({ name }) => ({
      name,
      type: { kind: "float64" as const },
      nullable: false,
    })),
    columns: matrix.columns.map((values) => ({ kind: "float64" as const, values })),
    rowCount: rows,
  };
  const seconds: number[] = [];
  for (const threads of [1, 2]) {
    options.say(`score a table of ${rows} rows, ${threads} threads`);
    const start = performance.now();
    const scorer = openScorer(pipeline, { threads });
    try {
      await scorer.score(table);
    } finally {
      await scorer.close();
    }
    seconds.push((performance.now() - start) / 1000);
  }
  const [one = Number.NaN, two = Number.NaN] = seconds;
  const aim = rows >= 1_000_000 ? { aim: { on: "value", atMost: 1 } as const } : {};
  const label = `score a table, ${rows.toLocaleString("en")} × ${FEATURES}, 100 trees`;
  return [
    benchRow({
      ...BASE,
      case: label,
      metric: "2 threads",
      ours: two,
      peer: "ours, 1 thread",
      peerValue: one,
      ...aim,
    }),
  ];
}

const told = z.object({ rows: z.number(), seconds: z.number() });

/** Memory is bounded when ten times the rows take no more of it. */
async function parquet(pipeline: ScoringPipeline, rows: number, options: BenchOptions): Promise<BenchRow[]> {
  const modelPath = join(options.folder, "model.json");
  await writeFile(modelPath, writeModelFile(pipeline));
  const costs: { rows: number; seconds: number; megabytes: number }[] = [];
  for (const count of [rows, 10 * rows]) {
    options.say(`score ${count} rows from Parquet to Parquet`);
    const input = join(options.folder, "score-in.parquet");
    await makeParquet(input, count);
    const script = fileURLToPath(new URL("./score-parquet.js", import.meta.url));
    const args = [script, modelPath, input, join(options.folder, `scored-${count}`), "2"];
    const cost = await measureProcess(process.execPath, args);
    if (cost.exitCode !== 0) throw new Error(`scoring ended with ${cost.exitCode}: ${cost.stderr}`);
    const done = told.parse(JSON.parse(cost.stdout));
    if (done.rows !== count) throw new Error(`${done.rows} rows came out of ${count}`);
    costs.push({ ...done, megabytes: (cost.peakBytes ?? Number.NaN) / 1e6 });
  }
  const [less, more] = costs;
  if (less === undefined || more === undefined) return [];
  const label = `Parquet to Parquet, ${more.rows.toLocaleString("en")} × ${FEATURES}, 2 threads`;
  const peer = `ours, ${less.rows.toLocaleString("en")} rows`;
  return [
    benchRow({ ...BASE, case: label, metric: "time", ours: more.seconds, peer, peerValue: less.seconds }),
    benchRow({
      ...BASE,
      case: label,
      metric: "peak memory",
      unit: "MB",
      ours: more.megabytes,
      peer,
      peerValue: less.megabytes,
      // Below a million rows one table holds them all.
      ...(less.rows >= 1_000_000 ? { aim: { on: "ratio", atMost: 1.25 } as const } : {}),
    }),
  ];
}

async function makeParquet(path: string, rows: number): Promise<void> {
  const engine = await openEngine("duckdb");
  try {
    const columns = Array.from(
      { length: FEATURES },
      (_, j) => `round((random() + random() + random() - 1.5) * 2, 3) AS x${j}`,
    );
    const sql = `SELECT i AS id, ${columns.join(", ")} FROM range(${rows}) AS r(i)`;
    await engine.writeParquet(sql, { path, singleFile: true });
  } finally {
    await engine.close();
  }
}
