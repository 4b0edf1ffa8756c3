import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isComplete } from "../../src/cli/player/sql-complete.ts";
import { readHistory, writeHistory } from "../../src/cli/player/sql-history.ts";
import { runSqlPrompt, type SqlSource } from "../../src/cli/player/sql-prompt.ts";
import { openScreen } from "../../src/cli/ui/terminal.ts";
import { sliceTable } from "../../src/core/table-build.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";

let engine: Engine;
let folder = "";

beforeAll(async () => {
  engine = await openEngine("duckdb");
  await engine.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(100)");
});

afterAll(() => engine.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-sql-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const source = (): SqlSource => ({
  query: async (sql, { signal, maxRows }) => {
    const table = await engine.query(sql, { signal, maxRows: maxRows + 1 });
    return { table: sliceTable(table, 0, maxRows), isCut: table.rowCount > maxRows, seconds: 0.01 };
  },
  tables: async () => [{ name: "numbers", fields: await engine.describe("SELECT * FROM numbers") }],
});

async function pipe(text: string) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const screen = openScreen({ streams: { stdin, stdout, stderr }, env: { LANG: "C.UTF-8" }, lang: "en" });
  stdin.end(text);
  const exitCode = await runSqlPrompt({
    screen,
    source: source(),
    historyPath: join(folder, "history"),
    signal: new AbortController().signal,
  });
  return { exitCode, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

describe("the SQL prompt on a pipe", () => {
  test("runs statements of several lines, and the last one without its semicolon", async () => {
    const { exitCode, out } = await pipe(
      "SELECT count(*)\n  AS how_many\nFROM numbers; SELECT 'a;b' AS x;\nSELECT 7 AS last",
    );
    expect(exitCode).toBe(0);
    expect(out).toMatch(/how_many[\s\S]*100[\s\S]*a;b[\s\S]*last[\s\S]*7/);
  });

  test("goes on after a mistake, and says so by the exit code", async () => {
    const { exitCode, out, err } = await pipe("SELEC 1;\nSELECT 2 AS two;\n");
    expect(exitCode).toBe(1);
    expect(err).toMatch(/error \(line 1\).*SELEC/);
    expect(out).toContain("two");
  });

  test("lists tables and describes one", async () => {
    const { out } = await pipe(
      ".tables\n\\d numbers\n\\d nothing\n.help\n.what\n.quit\nSELECT 1 AS never;\n",
    );
    expect(out).toMatch(/│ numbers │ n/);
    expect(out).toMatch(/│ n +│ int64/);
    expect(out).toContain('There is no table "nothing".');
    expect(out).toContain("Ctrl-C stops the running query");
    expect(out).toContain("I don't know .what.");
    expect(out).not.toContain("never");
  });

  test("says how many rows are not shown", async () => {
    expect((await pipe("FROM numbers;")).out).toContain("the first 40 rows");
  });
});

describe("a typed statement", () => {
  test.each([
    ["SELECT 1;", true],
    ["SELECT 1; -- why", true],
    ["SELECT 1", false],
    ["SELECT ';", false],
    ["SELECT ';';", true],
    ["SELECT 1; SELECT 2", false],
    ["/* ; ", false],
    ["SELECT $$;$$", false],
    ['SELECT ";"', false],
  ])("%s ends: %s", (sql, expected) => {
    expect(isComplete(sql)).toBe(expected);
  });
});

describe("the history", () => {
  test("keeps the newest first, each once, a statement a line", async () => {
    const path = join(folder, "deep", "history");
    expect(await readHistory(path)).toEqual([]);
    await writeHistory(path, ["SELECT 2\n  FROM t;", "SELECT 1;", "SELECT 1;"]);
    expect(await readFile(path, "utf8")).toBe("SELECT 2 FROM t;\nSELECT 1;\n");
    expect(await readHistory(path)).toEqual(["SELECT 2 FROM t;", "SELECT 1;"]);
  });
});
