import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CancelledError } from "../../../src/core/errors.ts";
import type { WorkEvent } from "../../../src/core/events.ts";
import { rowsOf, type Table } from "../../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../../src/core/table-build.ts";
import type { Engine } from "../../../src/engines/engine.ts";
import { openEngine } from "../../../src/engines/open.ts";

let engine: Engine;
const LONG = "SELECT sum(sqrt(a.range) * b.range) AS x FROM range(100000) AS a, range(1000000) AS b";

beforeAll(async () => {
  engine = await openEngine("duckdb", { threads: 2 });
});
afterAll(() => engine.close());

async function rows(sql: string, values?: (string | number | bigint | boolean | null)[]) {
  return rowsOf(await engine.query(sql, { values }));
}

describe("openEngine", () => {
  it("says what to type for an engine that there is not, or not yet", async () => {
    await expect(openEngine("spark")).rejects.toMatchObject({
      code: "engine-not-in-this-version",
      fault: "usage",
    });
    await expect(openEngine("duck")).rejects.toMatchObject({ code: "unknown-engine", fault: "usage" });
  });

  it("gives a session in UTC that loads no extension by itself", async () => {
    expect(
      await rows(`SELECT name, value FROM duckdb_settings()
        WHERE name IN ('TimeZone', 'autoinstall_known_extensions', 'autoload_known_extensions') ORDER BY name`),
    ).toEqual([
      { name: "TimeZone", value: "UTC" },
      { name: "autoinstall_known_extensions", value: "false" },
      { name: "autoload_known_extensions", value: "false" },
    ]);
  });
});

describe("query", () => {
  it("binds values in order, each as the type that its place asks for", async () => {
    expect(
      await rows(
        "SELECT $1 + 1 AS n, $2 AS t, $3 AS b, $4 IS NULL AS z, DATE '2024-01-05' = $5 AS d, $6 AS f",
        [41, "it's", true, null, "2024-01-05", 0.5],
      ),
    ).toEqual([{ n: 42, t: "it's", b: true, z: true, d: true, f: 0.5 }]);
  });

  it("gives every integer type as int32 or int64", async () => {
    const table = await engine.query(
      `SELECT 1::TINYINT AS a, 2::SMALLINT AS b, 3::UTINYINT AS c, 4::USMALLINT AS d, 5::UINTEGER AS e,
         6::UBIGINT AS f, 7::HUGEINT AS g, -8::HUGEINT AS h, 9::UHUGEINT AS i, sum(10) AS j`,
    );
    expect(table.fields.map((field) => field.type.kind)).toEqual([
      ..."int32 int32 int32 int32".split(" "),
      ..."int64 int64 int64 int64 int64 int64".split(" "),
    ]);
    expect(rowsOf(table)).toEqual([{ a: 1, b: 2, c: 3, d: 4, e: 5n, f: 6n, g: 7n, h: -8n, i: 9n, j: 10n }]);
  });

  it.each(["9223372036854775808::HUGEINT", "-9223372036854775809::HUGEINT", "18446744073709551615::UBIGINT"])(
    "names the column of a value that does not fit in 64 bits: %s",
    async (value) => {
      await expect(rows(`SELECT ${value} AS big`)).rejects.toMatchObject({
        name: "SqlError",
        code: "Out of Range",
        message: expect.stringContaining('CAST("big" AS DOUBLE)'),
      });
    },
  );

  it("gives wide decimals as 18 digits when they fit, as doubles only when asked", async () => {
    const sum = "SELECT sum(x) AS s FROM (VALUES (1.10), (2.25)) AS v(x)";
    const table = await engine.query(sum);
    expect(table.fields).toEqual(fieldsOf({ s: { kind: "decimal", precision: 18, scale: 2 } }));
    expect(rowsOf(table)).toEqual([{ s: "3.35" }]);
    const wide = "SELECT -12345678901234567890.12::DECIMAL(38,2) AS w";
    await expect(rows(wide)).rejects.toMatchObject({ message: expect.stringContaining('column "w"') });
    expect(rowsOf(await engine.query(wide, { wideDecimals: "float64" }))).toEqual([
      { w: -1.2345678901234567e19 },
    ]);
  });

  it.each([
    ["[1, 2]", "LIST", "INTEGER[]"],
    ["{'a': 1}", "STRUCT", "STRUCT"],
    ["INTERVAL 1 DAY", "INTERVAL", "INTERVAL"],
  ])("refuses %s with the cast to write", async (value, _, type) => {
    await expect(rows(`SELECT ${value} AS "odd name"`)).rejects.toMatchObject({
      code: "Unsupported type",
      message: expect.stringMatching(
        new RegExp(`"odd name" is ${type.replace(/[[\]]/g, "\\$&")}.*CAST\\("odd name" AS STRING\\)`),
      ),
    });
    expect(await rows(`SELECT CAST(${value} AS STRING) IS NOT NULL AS ok`)).toEqual([{ ok: true }]);
  });

  it("gives timestamps of every unit in microseconds, UTC, and refuses to cut nanoseconds", async () => {
    expect(
      await rows(`SELECT TIMESTAMP_S '2024-01-05 10:00:00' AS s, TIMESTAMP_MS '2024-01-05 10:00:00.5' AS ms,
        TIMESTAMP_NS '2024-01-05 10:00:00.000001' AS ns, TIMESTAMPTZ '2024-01-05 10:00:00+02' AS tz`),
    ).toEqual([
      {
        s: "2024-01-05 10:00:00",
        ms: "2024-01-05 10:00:00.5",
        ns: "2024-01-05 10:00:00.000001",
        tz: "2024-01-05 08:00:00",
      },
    ]);
    await expect(rows("SELECT TIMESTAMP_NS '2024-01-05 10:00:00.000000001' AS ns")).rejects.toThrow("ns");
  });

  it("gives ENUM and UUID as text, and NULL alone as a column of nulls", async () => {
    expect(
      await rows(
        `SELECT 'b'::ENUM('a', 'b') AS e, '123e4567-e89b-12d3-a456-426614174000'::UUID AS u, NULL AS n`,
      ),
    ).toEqual([{ e: "b", u: "123e4567-e89b-12d3-a456-426614174000", n: null }]);
  });

  it("codes strings that repeat and leaves those that don't", async () => {
    const table = await engine.query(
      `SELECT 'country ' || (i % 5) AS few, 'a long street name, number ' || i AS many,
         CASE WHEN i % 3 > 0 THEN i % 7 END::VARCHAR AS short FROM range(20000) AS r(i)`,
    );
    expect(table.columns.map((column) => column.kind)).toEqual(["dictionary", "string", "dictionary"]);
    expect(rowsOf(table).slice(19_997)).toEqual([
      { few: "country 2", many: "a long street name, number 19997", short: "5" },
      { few: "country 3", many: "a long street name, number 19998", short: null },
      { few: "country 4", many: "a long street name, number 19999", short: "0" },
    ]);
  });

  it("cuts at maxRows and says so, and does not say so when nothing was cut", async () => {
    const cut = await engine.query("SELECT * FROM range(100000000)", { maxRows: 3_000 });
    expect([cut.rowCount, cut.truncated]).toEqual([3_000, true]);
    const whole = await engine.query("SELECT * FROM range(3000)", { maxRows: 3_000 });
    expect([whole.rowCount, whole.truncated]).toEqual([3_000, undefined]);
  });

  it("answers calls that come at the same time, each with its own result", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => rows(`SELECT ${i} AS i`)));
    expect(answers.flat().map((row) => row.i)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe("execute and describe", () => {
  it("runs several statements, and describes a query without running it", async () => {
    await engine.execute(
      "CREATE OR REPLACE TEMP VIEW one AS SELECT 1 AS x; CREATE OR REPLACE TEMP VIEW two AS SELECT x, 'a' AS y FROM one;",
    );
    expect(await engine.describe("SELECT * FROM two, (SELECT CAST(error('it ran') AS STRING) AS z)")).toEqual(
      fieldsOf({ x: { kind: "int32" }, y: { kind: "string" }, z: { kind: "string" } }),
    );
    expect(await engine.describe("SELECT $1 AS v FROM two;", { values: [2.5] })).toEqual(
      fieldsOf({ v: { kind: "float64" } }),
    );
  });
});

describe("register", () => {
  it("replaces a source, a view and a temporary table of the name", async () => {
    const table = (n: number) => tableFromRows(fieldsOf({ n: { kind: "int32" } }), [{ n }]);
    await engine.register("src", { kind: "table", table: table(1) });
    await engine.register("SRC", { kind: "table", table: table(2) });
    expect(await rows("SELECT * FROM src")).toEqual([{ n: 2 }]);
    await engine.execute("DROP VIEW src; CREATE TEMP TABLE src AS SELECT 0 AS n");
    await engine.register("src", { kind: "table", table: table(3) });
    expect(await rows("SELECT * FROM src")).toEqual([{ n: 3 }]);
  });

  it("says which path is not there, and which folder is empty of Parquet", async () => {
    const missing = { kind: "parquet" as const, paths: ["no/such/folder"] };
    await expect(engine.register("m", missing)).rejects.toMatchObject({
      code: "source-not-found",
      where: "no/such/folder",
    });
    const empty = { kind: "parquet" as const, paths: [import.meta.dirname] };
    await expect(engine.register("m", empty)).rejects.toMatchObject({ code: "source-empty" });
  });
});

describe("an SQL error", () => {
  it.each([
    ["SELECT 1 FRM x", "Parser", 1, 14],
    ["SELECT\n  nothing\nFROM range(3)", "Binder", 2, 3],
    ["SELECT *\nFROM nowhere", "Catalog", 2, 6],
    ["SELECT CAST('x' AS INT)", "Conversion", 1, 8],
    [`SELECT ${"1 + ".repeat(60)}nothing ${"+ 1".repeat(60)}`, "Binder", 1, 248],
    ["SELECT 'ñandú €', nothing FROM range(3)", "Binder", 1, 19],
  ])("has DuckDB's class, line and column: %s", async (sql, code, line, column) => {
    await expect(engine.query(sql)).rejects.toMatchObject({ name: "SqlError", code, line, column });
    await expect(engine.query(sql)).rejects.not.toMatchObject({ message: expect.stringContaining("LINE ") });
  });

  it("has no position where DuckDB gives none", async () => {
    await expect(engine.query("SELECT error('mine')")).rejects.toMatchObject({
      code: "Invalid Input",
      message: "mine",
      line: undefined,
    });
    await expect(engine.query("SELECT * FROM 'no/such/file.parquet'")).rejects.toMatchObject({ code: "IO" });
  });

  it("leaves the engine fit for the next query", async () => {
    await expect(engine.query("SELECT nothing")).rejects.toThrow();
    expect(await rows("SELECT 1 AS x")).toEqual([{ x: 1 }]);
  });
});

describe("a query that fails after its first rows", () => {
  const failing =
    "SELECT CAST(CASE WHEN i = 4000000 THEN 'x' ELSE '1' END AS INT) AS x, $1 AS v\nFROM range(5000000) AS r(i);";

  it("is an error with DuckDB's words and place, not a shorter result", async () => {
    await expect(engine.query(failing, { values: [1] })).rejects.toMatchObject({
      name: "SqlError",
      code: "Conversion",
      line: 1,
      column: 8,
    });
    expect(
      await rows("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = '_taller_again'"),
    ).toEqual([{ n: 0n }]);
  });

  it("is an error even when a second run would not fail", async () => {
    await engine.execute("CREATE SEQUENCE once");
    const sql = `SELECT CASE WHEN i = 4000000 AND nextval('once') = 1 THEN error('only once') ELSE i END AS x
      FROM range(5000000) AS r(i)`;
    await expect(engine.query(sql)).rejects.toMatchObject({ name: "SqlError", code: "Broken result" });
  });
});

describe("a cancelled call", () => {
  it("stops a running query and throws CancelledError, and the next query runs", async () => {
    const stop = new AbortController();
    const running = engine.query(LONG, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(running).rejects.toBeInstanceOf(CancelledError);
    expect(await rows("SELECT 1 AS x")).toEqual([{ x: 1 }]);
  });

  it("does not begin when the signal has aborted before", async () => {
    await expect(
      engine.execute("CREATE TABLE never AS SELECT 1", { signal: AbortSignal.abort() }),
    ).rejects.toBeInstanceOf(CancelledError);
    await expect(engine.query("SELECT * FROM never")).rejects.toMatchObject({ code: "Catalog" });
  });

  it("is not stopped by a call that waits behind it and is cancelled", async () => {
    const stop = new AbortController();
    let isFirstDone = false;
    const first = rows(
      "SELECT count(*) AS n FROM range(1000000) AS r(i) WHERE md5(i::VARCHAR) <> ''",
    ).finally(() => {
      isFirstDone = true;
    });
    const second = engine.query("SELECT 2", { signal: stop.signal });
    stop.abort();
    await expect(second).rejects.toBeInstanceOf(CancelledError);
    expect(isFirstDone).toBe(false);
    expect(await first).toEqual([{ n: 1_000_000n }]);
  });
});

describe("progress", () => {
  it("is told in percent that only grow, at most five times a second", async () => {
    const events: { atMs: number; done: number }[] = [];
    const emit = (event: WorkEvent): void => {
      if (event.kind === "progress") events.push({ atMs: performance.now(), done: event.done });
    };
    await engine.execute(
      "CREATE OR REPLACE TABLE slow AS SELECT md5(i::VARCHAR) AS m FROM range(1500000) AS r(i)",
    );
    await engine.query("SELECT max(md5(md5(md5(md5(m))))) FROM slow", { emit });
    expect(events.length).toBeGreaterThan(0);
    expect(
      events.every(({ done }, i) => done >= 0 && done <= 100 && done > (events[i - 1]?.done ?? -1)),
    ).toBe(true);
    expect(events.every(({ atMs }, i) => i === 0 || atMs - (events[i - 1]?.atMs ?? 0) > 100)).toBe(true);
  });
});

describe("stream", () => {
  const read = async (stream: AsyncIterable<Table>): Promise<Table[]> => {
    const tables: Table[] = [];
    for await (const table of stream) tables.push(table);
    return tables;
  };

  it("gives tables of one schema, in order, that hold every row once", async () => {
    const tables = await read(engine.stream("SELECT i, 'x' || (i % 3) AS s FROM range(200000) AS r(i)"));
    expect(tables.map((table) => table.rowCount)).toEqual([65_536, 65_536, 65_536, 3_392]);
    expect(new Set(tables.map((table) => JSON.stringify(table.fields))).size).toBe(1);
    let expected = 0n;
    for (const { columns, rowCount } of tables) {
      const [column] = columns;
      for (let row = 0; row < rowCount; row++) {
        if (column?.kind === "int64" && column.values[row] !== expected++)
          throw new Error(`row ${expected} is out of order`);
      }
    }
    expect(expected).toBe(200_000n);
  });

  it("gives one table without rows for a result without rows, and stops at maxRows", async () => {
    const [empty, ...none] = await read(engine.stream("SELECT 1 AS x WHERE false"));
    expect([empty?.rowCount, empty?.fields.length, none.length]).toEqual([0, 1, 0]);
    const cut = await read(engine.stream("SELECT * FROM range(10000000)", { maxRows: 70_000 }));
    expect(cut.map((table) => table.rowCount)).toEqual([65_536, 4_464]);
  });

  it("loses no row of a result whose chunks are not full", async () => {
    const sql = "SELECT i FROM range(600000) AS r(i) WHERE hash(i) % 3 = 0";
    const [{ n, s } = { n: null, s: null }] = await rows(`SELECT count(*) AS n, sum(i) AS s FROM (${sql})`);
    let count = 0n;
    let sum = 0n;
    for (const { columns, rowCount } of await read(engine.stream(sql))) {
      count += BigInt(rowCount);
      const [column] = columns;
      if (column?.kind === "int64") for (const value of column.values) sum += value;
    }
    expect([count, sum]).toEqual([n, s]);
  });

  it("gives its error to its own reader when another call comes before it", async () => {
    const failing =
      "SELECT CAST(CASE WHEN i = 4000000 THEN 'x' ELSE '1' END AS INT) AS x FROM range(5000000) AS r(i)";
    const stream = engine.stream(failing)[Symbol.asyncIterator]();
    expect((await stream.next()).value?.rowCount).toBeGreaterThan(0);
    expect(await rows("SELECT 1 AS x")).toEqual([{ x: 1 }]);
    await expect(
      (async () => {
        while (!(await stream.next()).done);
      })(),
    ).rejects.toMatchObject({ code: "Conversion" });
  });

  it("goes on whole while the engine answers other calls, and streams, in between", async () => {
    let rowsRead = 0;
    for await (const outer of engine.stream("SELECT * FROM range(300000)")) {
      rowsRead += outer.rowCount;
      expect(await rows("SELECT 1 AS x")).toEqual([{ x: 1 }]);
      const inner = await read(engine.stream("SELECT * FROM range(100000)"));
      expect(inner.reduce((sum, table) => sum + table.rowCount, 0)).toBe(100_000);
    }
    expect(rowsRead).toBe(300_000);
    expect(await rows("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name LIKE '%stream%'")).toEqual([
      { n: 0n },
    ]);
  });

  it("may be left early, and may fail or be cancelled in the middle", async () => {
    for await (const table of engine.stream("SELECT * FROM range(100000000)")) {
      expect(table.rowCount).toBe(65_536);
      break;
    }
    const failing =
      "SELECT CAST(CASE WHEN i = 150000 THEN 'x' ELSE '1' END AS INT) AS x FROM range(200000) AS r(i)";
    await expect(read(engine.stream(failing))).rejects.toMatchObject({ code: "Conversion" });
    const stop = new AbortController();
    const cancelled = (async () => {
      for await (const table of engine.stream("SELECT * FROM range(100000000)", { signal: stop.signal })) {
        if (table.rowCount > 0) stop.abort();
      }
    })();
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    expect(await rows("SELECT 1 AS x")).toEqual([{ x: 1 }]);
  });
});

describe("close", () => {
  it("stops what runs, and refuses what comes after", async () => {
    const own = await openEngine("duckdb", { threads: 1 });
    const running = own.query(LONG).catch((error: unknown) => error);
    await own.close();
    expect(await running).toBeInstanceOf(Error);
    await expect(own.query("SELECT 1")).rejects.toThrow("closed");
    await own.close();
  });
});
