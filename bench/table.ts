import { DuckDBInstance } from "@duckdb/node-api";
import type { Table } from "../src/core/table.ts";
import type { Engine } from "../src/engines/engine.ts";
import { openEngine } from "../src/engines/open.ts";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";

const RUNS = 5;

interface Case {
  readonly name: string;
  /** Makes the table `t`, with `$rows` rows. */
  readonly create: (rows: number) => string;
  readonly aimSeconds?: number;
}

const COLUMNS = Array.from({ length: 16 }, (_, i) => i);

const CASES: readonly Case[] = [
  {
    name: "16 doubles",
    create: (rows) => `SELECT ${COLUMNS.map((i) => `random() * ${i + 1} AS c${i}`)} FROM range(${rows})`,
    aimSeconds: 0.5,
  },
  {
    name: "16 doubles, 1 in 10 null",
    create: (rows) =>
      `SELECT ${COLUMNS.map((i) => `CASE WHEN random() > 0.1 THEN random() END AS c${i}`)} FROM range(${rows})`,
  },
  {
    name: "id, category, city, street",
    create: (rows) =>
      `SELECT lpad(i::VARCHAR, 8, '0') AS id, 'category ' || (i % 5) AS category,
         'a city of a long name, ' || (i % 500) AS city, 'street ' || i || ', at the corner' AS street
       FROM range(${rows}) AS r(i)`,
  },
];

/**
 * Tables from and to the engine against DuckDB's own node-api on the same rows: `getColumns` (its values) and
 * `getColumnsJS` (JavaScript's). `--rows` sets the rows; default 1 million. Medians of five,
 * after a first run that is not counted: it pays for memory that the system has not given yet.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const rowCount = Number(options.flags.rows ?? 1_000_000);
  const results: BenchRow[] = [];
  for (const benchCase of CASES) {
    const label = `${rowCount.toLocaleString("en")} × ${benchCase.name}`;
    options.say(`table: ${label}`);
    const engine = await openEngine("duckdb");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const create = `CREATE TABLE t AS ${benchCase.create(rowCount)}`;
    await engine.execute(create);
    await connection.run(create);
    const ours = await medianSeconds(() => engine.query("SELECT * FROM t"));
    const peers = {
      getColumns: await medianSeconds(async () => (await connection.run("SELECT * FROM t")).getColumns()),
      getColumnsJS: await medianSeconds(async () => (await connection.run("SELECT * FROM t")).getColumnsJS()),
    };
    for (const [peer, peerValue] of Object.entries(peers)) {
      results.push(
        benchRow({
          bench: "table",
          case: label,
          metric: "read",
          unit: "s",
          ours,
          peer: `@duckdb/node-api ${peer}`,
          peerValue,
          ...(benchCase.aimSeconds === undefined
            ? {}
            : { aim: { on: "value" as const, atMost: benchCase.aimSeconds } }),
        }),
      );
    }
    results.push(await benchRegister(engine, label));
    connection.closeSync();
    instance.closeSync();
    await engine.close();
  }
  return results;
}

async function benchRegister(engine: Engine, label: string): Promise<BenchRow> {
  const table: Table = await engine.query("SELECT * FROM t");
  const ours = await medianSeconds(() => engine.register("again", { kind: "table", table }));
  return benchRow({ bench: "table", case: label, metric: "register", unit: "s", ours });
}

async function medianSeconds(work: () => Promise<unknown>): Promise<number> {
  await work();
  const seconds: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const startMs = performance.now();
    await work();
    seconds.push((performance.now() - startMs) / 1000);
  }
  return median(seconds);
}
