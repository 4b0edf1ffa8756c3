import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { bundleProgram, startProgram } from "../services/child-program.ts";

test("a PostgreSQL that is killed while it writes has all that it committed, and no half of a transaction", async () => {
  const folder = await mkdtemp(join(tmpdir(), "taller-pg-slow-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = await bundleProgram(new URL("../services/postgres/children/postgres.ts", import.meta.url), {
    external: ["@electric-sql/pglite"],
  });
  const random = seededRandom(7);
  /** The last transaction of each writer that was committed, and the last that was sent. */
  const committed = [0, 0, 0];
  const sent = [0, 0, 0];
  let interrupted = 0;
  const rounds = 12;
  for (let round = 0; round <= rounds; round++) {
    const child = startProgram(program, [folder]);
    const url = await child.nextLine();
    const check = new pg.Client({ connectionString: url });
    check.on("error", () => {});
    await check.connect();
    await check.query("CREATE TABLE IF NOT EXISTS debit (writer int, n int, PRIMARY KEY (writer, n))");
    await check.query("CREATE TABLE IF NOT EXISTS credit (writer int, n int, PRIMARY KEY (writer, n))");
    const { rows } = await check.query<{ writer: number; n: number; rows: number; both: number }>(
      `SELECT writer, max(n) AS n, count(*)::int AS rows, count(c.n)::int AS both
       FROM debit d FULL JOIN credit c USING (writer, n) GROUP BY writer ORDER BY writer`,
    );
    for (const { writer, n, rows: count, both } of rows) {
      // Each transaction wrote one row to either table, and they were numbered without gaps.
      expect({ count, both }).toEqual({ count: n, both: n });
      expect(n).toBeGreaterThanOrEqual(committed[writer] ?? 0);
      expect(n).toBeLessThanOrEqual(sent[writer] ?? 0);
      committed[writer] = n;
      sent[writer] = n;
    }
    expect(rows).toHaveLength(round === 0 ? 0 : committed.length);
    if (round === rounds) {
      await child.kill();
      break;
    }
    let isOver = false;
    const writers = committed.map(async (_, writer) => {
      const client = new pg.Client({ connectionString: url });
      client.on("error", () => {});
      await client.connect();
      while (!isOver) {
        const n = (sent[writer] ?? 0) + 1;
        try {
          await client.query("BEGIN");
          await client.query("INSERT INTO debit VALUES ($1, $2)", [writer, n]);
          sent[writer] = n;
          await client.query("INSERT INTO credit VALUES ($1, $2)", [writer, n]);
          await client.query("COMMIT");
          committed[writer] = n;
        } catch (error) {
          if (!isOver) throw error;
          interrupted++;
        }
      }
    });
    await sleep(100 + random.below(400));
    isOver = true;
    await child.kill();
    await Promise.all(writers);
  }
  expect(interrupted).toBeGreaterThan(rounds);
  expect(Math.min(...committed)).toBeGreaterThan(rounds);
});
