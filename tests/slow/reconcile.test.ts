import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rowsOf } from "../../src/core/table.ts";
import { tableSource } from "../../src/course/lesson-session.ts";
import { openEngine } from "../../src/engines/open.ts";
import { lastJson, learnerFolder, runTaller } from "../e2e/run-taller.ts";

const ROWS = Number(process.env.TALLER_RECONCILE_ROWS ?? 1_000_000);
const folder = learnerFolder();
afterAll(() => folder.remove());

test.each([7, 101, 202])(
  `etl on ${ROWS} leads of seed %i reconciles with the generator's ledger to the row`,
  async (seed) => {
    const workspace = join(folder.dir, `seed-${seed}`);
    const ran = await runTaller(
      [
        "run",
        "etl",
        "--rows",
        String(ROWS),
        "--seed",
        String(seed),
        "--compare",
        "no",
        "--workspace",
        workspace,
        "--json",
      ],
      { cwd: folder.dir },
    );
    expect(ran.exitCode, ran.stderr).toBe(0);
    const report = lastJson(ran) as {
      rows: Record<string, number>;
      rejectedByReason: Record<string, number>;
      seconds: number;
    };
    const generated = lastJson(
      await runTaller(
        [
          "data",
          "generate",
          "leads",
          "--rows",
          String(ROWS),
          "--seed",
          String(seed),
          "--workspace",
          workspace,
          "--json",
        ],
        { cwd: folder.dir },
      ),
    );
    const ledger = JSON.parse(readFileSync(String(generated.ledger), "utf8")) as {
      expected: {
        read: number;
        valid: number;
        rejected: number;
        duplicates: number;
        rejectedByReason: Record<string, number>;
        sums: Record<string, number>;
      };
    };
    const { expected } = ledger;
    expect(report.rows).toEqual({
      read: expected.read,
      valid: expected.valid,
      rejected: expected.rejected,
      duplicates: expected.duplicates,
    });
    const planted = Object.fromEntries(
      Object.entries(expected.rejectedByReason).filter(([, rows]) => rows > 0),
    );
    expect(report.rejectedByReason).toMatchObject(planted);
    expect(report.rows.read).toBe(ROWS);

    const engine = await openEngine("duckdb");
    await engine.register("clean", await tableSource(join(workspace, "tables", "leads-clean")));
    const [row] = rowsOf(
      await engine.query("SELECT count(*) AS n, count(DISTINCT lead_id) AS leads FROM clean"),
    );
    await engine.close();
    expect([Number(row?.n), Number(row?.leads)]).toEqual([expected.valid, expected.valid]);
    console.log(
      `seed ${seed}: read ${report.rows.read} = valid ${report.rows.valid} + rejected ${report.rows.rejected} + duplicates ${report.rows.duplicates}, as the ledger; ${report.seconds.toFixed(1)} s`,
    );
  },
);
