import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lastJson, learnerFolder, type Ran, runTaller } from "../e2e/run-taller.ts";

const folder = learnerFolder();
const etl = (args: readonly string[]): Promise<Ran> =>
  runTaller(["run", "etl", ...args, "--json"], { cwd: folder.dir });
const workspace = join(folder.dir, "taller-workspace");
const table = join(workspace, "tables", "leads-clean");

let first: Ran;
beforeAll(async () => {
  first = await etl(["--rows", "20000"]);
});
afterAll(() => folder.remove());

describe("taller run etl", () => {
  test("reads every lead, rejects with reasons, and agrees with the generator's ledger", async () => {
    expect(first.exitCode, first.stderr).toBe(0);
    const report = lastJson(first);
    const rows = report.rows as Record<string, number>;
    const made = lastJson(
      await runTaller(["data", "generate", "leads", "--rows", "20000", "--json"], { cwd: folder.dir }),
    );
    const ledger = JSON.parse(readFileSync(String(made.ledger), "utf8")) as {
      expected: Record<string, unknown>;
    };
    expect(rows).toMatchObject({
      read: 20_000,
      valid: ledger.expected.valid,
      rejected: ledger.expected.rejected,
      duplicates: ledger.expected.duplicates,
    });
    expect(report.rejectedByReason).toEqual(ledger.expected.rejectedByReason);
    expect(readdirSync(table).sort()).toEqual([
      "source=ads",
      "source=event",
      "source=referral",
      "source=web",
    ]);
  });

  test("a second run replaces, and never doubles", async () => {
    const again = await etl(["--rows", "20000", "--compare", "no"]);
    expect(lastJson(again).rows).toEqual(lastJson(first).rows);
    const counted = await runTaller(["sql", "01", "-c", "SELECT count(*) AS n FROM leads_clean", "--json"], {
      cwd: folder.dir,
    });
    expect(lastJson(counted).rows).toEqual([[(lastJson(first).rows as Record<string, number>).valid]]);
  });

  test("the layout is what the flags say", async () => {
    await etl(["--rows", "5000", "--partition-by", "country,source", "--codec", "snappy", "--compare", "no"]);
    expect(readdirSync(table).every((name) => name.startsWith("country="))).toBe(true);
    const wrong = await etl(["--rows", "5000", "--partition-by", "nothing", "--compare", "no"]);
    expect(wrong.exitCode).toBe(2);
    expect(lastJson(wrong)).toMatchObject({ error: { code: "no-such-column" } });
  });

  test("a dry run shows the plan and writes no table", async () => {
    const dry = join(folder.dir, "dry");
    const ran = await runTaller(["run", "etl", "--dry-run", "--workspace", dry], { cwd: folder.dir });
    expect(ran.exitCode).toBe(0);
    expect(existsSync(join(dry, "tables", "leads-clean"))).toBe(false);
  });

  test("the flights, real and already Parquet, reconcile too", async () => {
    const ran = await etl(["--input", "flights", "--compare", "no"]);
    expect(ran.exitCode, ran.stderr).toBe(0);
    const rows = lastJson(ran).rows as { read: number; valid: number; rejected: number; duplicates: number };
    expect(rows.read).toBeGreaterThan(900_000);
    expect(rows.valid + rows.rejected + rows.duplicates).toBe(rows.read);
  });

  test("a stranger's CSV is read with what was inferred, and again with what was edited", async () => {
    const csv = join(folder.dir, "ventas.csv");
    const lines = Array.from(
      { length: 50 },
      (_, i) => `${String(i).padStart(4, "0")};Peña ${i};${i}.234,50;0${(i % 9) + 1}/02/2024`,
    );
    writeFileSync(csv, Buffer.from(`id;nombre;importe;fecha\r\n${lines.join("\r\n")}\r\n`, "latin1"));
    const ran = await etl(["--input", csv, "--compare", "no"]);
    expect(lastJson(ran).rows).toMatchObject({ read: 50, valid: 50, rejected: 0 });
    const schema = join(workspace, "schemas", "ventas.yaml");
    expect(existsSync(schema)).toBe(true);
    const again = await etl(["--input", csv, "--schema", schema, "--compare", "no"]);
    expect(lastJson(again).rows).toEqual(lastJson(ran).rows);
  });

  test("what can't be read is said in words, with the exit code of data", async () => {
    const empty = join(folder.dir, "empty.csv");
    writeFileSync(empty, "");
    const ran = await etl(["--input", empty]);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    const missing = await etl(["--input", join(folder.dir, "none.csv")]);
    expect([1, 2, 3]).toContain(missing.exitCode);
    expect(missing.stderr).not.toMatch(/\n\s+at /);
  });
});
