import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../src/core/table.ts";
import { fieldsOf } from "../../../src/core/table-build.ts";
import type { CsvDialect, CsvSource, Engine } from "../../../src/engines/engine.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { temporaryFolder } from "../temp-folder.ts";

let engine: Engine;
let files = 0;
const folder = await temporaryFolder();
const COMMA: CsvDialect = { delimiter: ",", quote: '"', escape: '"', hasHeader: true };
const ABC = fieldsOf({ a: { kind: "string" }, b: { kind: "string" }, c: { kind: "string" } });

beforeAll(async () => {
  engine = await openEngine("duckdb", { threads: 2 });
});
afterAll(() => engine.close());

async function csv(content: string | Uint8Array, more: Partial<CsvSource> = {}): Promise<CsvSource> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, content);
  return { kind: "csv", paths: [path], dialect: COMMA, fields: ABC, ...more };
}

describe("a registered CSV", () => {
  it("keeps leading zeros, inner line ends and quoted empty texts, and reads the empty field as null", async () => {
    const report = await engine.register("t", await csv('a,b,c\n007,"x\ny",\n1,"",NA\n'));
    expect(report).toMatchObject({ rows: 2, rejected: 0, files: 1 });
    expect(rowsOf(await engine.query("SELECT * FROM t"))).toEqual([
      { a: "007", b: "x\ny", c: null },
      { a: "1", b: "", c: "NA" },
    ]);
  });

  it("has a view of rejects with the file, the physical line, the reason, the column and the text", async () => {
    const source = await csv('a,b,c\n1,"x\n\ny",3\n4,5\n\n7,8,9,10\n');
    const report = await engine.register("ragged", source);
    expect(report).toMatchObject({ rows: 1, rejected: 2, rejectsView: "ragged_rejects" });
    const [file] = source.paths;
    expect(rowsOf(await engine.query("SELECT * FROM ragged_rejects"))).toEqual([
      { file, line: 5n, reason: "missing-columns", column: "c", text: "4,5" },
      { file, line: 7n, reason: "too-many-columns", column: null, text: "7,8,9,10" },
    ]);
  });

  it("has no view of rejects when there are none, also after an earlier file had some", async () => {
    await engine.register("t", await csv("a,b,c\n1,2\n"));
    const report = await engine.register("t", await csv("a,b,c\n1,2,3\n"));
    expect(report.rejectsView).toBeUndefined();
    await expect(engine.query("SELECT * FROM t_rejects")).rejects.toMatchObject({ code: "Catalog" });
  });

  it("rejects a row whose typed field can't be read, once however many fields are bad", async () => {
    const fields = fieldsOf({ a: { kind: "int32" }, b: { kind: "float64" }, c: { kind: "date" } });
    const source = await csv("a;b;c\n1;2,5;2024-01-05\nx;y;2024-01-06\n3;1;2024-02-30\n", {
      dialect: { ...COMMA, delimiter: ";", decimalSeparator: "," },
      fields,
    });
    const report = await engine.register("typed", source);
    expect(report).toMatchObject({ rows: 1, rejected: 2 });
    expect(rowsOf(await engine.query("SELECT * FROM typed"))).toEqual([{ a: 1, b: 2.5, c: "2024-01-05" }]);
    expect(rowsOf(await engine.query('SELECT line, reason, "column" FROM typed_rejects'))).toEqual([
      { line: 3n, reason: "cast", column: "a" },
      { line: 4n, reason: "cast", column: "c" },
    ]);
  });

  it("reads gzip, several files, a folder, a BOM, CRLF, no header and paths with pattern characters", async () => {
    const inside = join(folder, "all [x]*");
    await mkdir(inside);
    await writeFile(join(inside, "1.csv"), "\uFEFF1,2,3\r\n4,5,6\r\n");
    await writeFile(join(inside, "2.csv.gz"), gzipSync("7,8,9\r\n10,11\r\n"));
    const source = await csv("", { dialect: { ...COMMA, hasHeader: false } });
    const report = await engine.register("many", { ...source, paths: [inside] });
    expect(report).toMatchObject({ rows: 3, rejected: 1, files: 2 });
    expect(rowsOf(await engine.query("SELECT a FROM many ORDER BY CAST(a AS INT)"))).toEqual([
      { a: "1" },
      { a: "4" },
      { a: "7" },
    ]);
  });

  it("finds the header below empty lines", async () => {
    const report = await engine.register("t", await csv("\n\na,b,c\n1,2,3\n4\n"));
    expect(report).toMatchObject({ rows: 1, rejected: 1 });
    expect(rowsOf(await engine.query("SELECT line FROM t_rejects"))).toEqual([{ line: 5n }]);
  });

  it("counts the empty lines of a single column as rows", async () => {
    const report = await engine.register(
      "t",
      await csv("a\n1\n\n2\n\n", { fields: fieldsOf({ a: { kind: "string" } }) }),
    );
    expect(report).toMatchObject({ rows: 4, rejected: 0 });
  });

  it("reads an empty file and a file of a header only as no rows", async () => {
    expect(await engine.register("t", await csv(""))).toMatchObject({ rows: 0, rejected: 0 });
    expect(await engine.register("t", await csv("a,b,c\n"))).toMatchObject({ rows: 0, rejected: 0 });
  });

  it("reads a cell of 20 MB", async () => {
    const report = await engine.register("long", await csv(`a,b,c\n1,${"x".repeat(20_000_000)},3\n4,5,6\n`));
    expect(report).toMatchObject({ rows: 2, rejected: 0 });
    expect(rowsOf(await engine.query("SELECT max(length(b)) AS n FROM long"))).toEqual([{ n: 20_000_000n }]);
  });

  it("reads 3,000 columns", async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `c${i}`);
    const fields = names.map((name) => ({ name, type: { kind: "string" as const }, nullable: true }));
    const report = await engine.register(
      "wide",
      await csv(`${names.join(",")}\n${names.join(",")}\n`, { fields }),
    );
    expect(report).toMatchObject({ rows: 1, rejected: 0 });
    expect(rowsOf(await engine.query("SELECT c2999 FROM wide"))).toEqual([{ c2999: "c2999" }]);
  });
});

describe("a CSV that a reader would lose rows of", () => {
  const rows = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `${from + i},x,y\n`).join("");

  it.each([
    ["a quote that is never closed", `a,b,c\n${rows(3)}9,"x,y\n${rows(50)}`, "csv-open-quote", 5],
    ["a quote in the header", `a,"b,c\n${rows(3)}`, "csv-open-quote", 1],
    [
      "a quote that another row's quote closes",
      `a,b,c\n1,"x,y\n${rows(3)}5,x"y,z\n${rows(3)}`,
      "csv-open-quote",
      2,
    ],
    [
      "a quote that swallows rows and is closed well",
      `a,b,c\n1,"x,y\n${rows(40)}5,x",z\n`,
      "csv-open-quote",
      2,
    ],
    ["text after a quote", `a,b,c\n${rows(2)}"1"x,2,3\n${rows(2)}`, "csv-stray-quote", 4],
    ["line ends that change", `a,b,c\r\n1,2,3\r\n4,5,6\n7,8,9\n`, "csv-mixed-line-ends", 3],
    ["bytes that are no UTF-8", Buffer.from("a,b,c\n1,\xe9,3\n", "latin1"), "csv-not-utf8", 1],
  ])("is refused with the line: %s", async (_, content, code, line) => {
    const source = await csv(content);
    await expect(engine.register("t", source)).rejects.toMatchObject({
      code,
      where: `${source.paths[0]}:${line}`,
      fault: "data",
    });
  });

  it("leaves what was registered under the name, and nothing of its own", async () => {
    await engine.register("kept", await csv("a,b,c\n1,2,3\n"));
    const before = await engine.query("SELECT count(*) FROM duckdb_tables()");
    await expect(engine.register("kept", await csv('a,b,c\n1,"2,3\n4,5,6\n'))).rejects.toThrow();
    expect(rowsOf(await engine.query("SELECT a FROM kept"))).toEqual([{ a: "1" }]);
    expect(rowsOf(await engine.query("SELECT count(*) FROM duckdb_tables()"))).toEqual(rowsOf(before));
  });

  it("and leaves nothing of its own whenever it is cancelled", async () => {
    const source = await csv(`a,b,c\n${rows(20_000)}1,"2\n",3\n4,5\n${rows(20_000)}`);
    const tables = async (): Promise<unknown> =>
      rowsOf(await engine.query("SELECT table_name FROM duckdb_tables() ORDER BY ALL"));
    const began = performance.now();
    await engine.register("whole", source);
    const wholeMs = performance.now() - began;
    const before = await tables();
    let cancelled = 0;
    for (let i = 0; i < 60; i++) {
      const signal = AbortSignal.timeout(Math.round((i / 50) * wholeMs));
      const outcome = await engine.register("whole", source, { signal }).then(
        () => "whole",
        (error: unknown) => error,
      );
      if (outcome !== "whole") cancelled++;
      expect((await tables()) as unknown[]).toHaveLength((before as unknown[]).length);
      expect(rowsOf(await engine.query("SELECT count(*) AS n FROM whole"))).toEqual([{ n: 40_001n }]);
    }
    expect(cancelled).toBeGreaterThan(5);
  });
});

describe("a lazy CSV", () => {
  it("is read by each query, and its report proves the rows that the query read", async () => {
    const source = await csv('a,b,c\n1,"2\n2",3\n4,5\n6,7,8\n', { isLazy: true });
    const report = await engine.register("lazy", source);
    await engine.execute("CREATE OR REPLACE TEMP TABLE got AS SELECT * FROM lazy");
    expect(await report.reconcile?.(2)).toEqual({ records: 3, rejected: 1 });
    expect(rowsOf(await engine.query("SELECT line, reason FROM lazy_rejects"))).toEqual([
      { line: 4n, reason: "missing-columns" },
    ]);
  });

  it("is refused when rows are missing", async () => {
    const report = await engine.register("lazy", await csv("a,b,c\n1,2,3\n4,5,6\n", { isLazy: true }));
    await engine.query("SELECT * FROM lazy");
    await expect(report.reconcile?.(1)).rejects.toMatchObject({ code: "csv-not-reconciled" });
  });

  it("is refused in words when a quote swallows rows", async () => {
    const report = await engine.register("lazy", await csv('a,b,c\n1,"2,3\n4,5,6\n', { isLazy: true }));
    await engine.query("SELECT * FROM lazy");
    await expect(report.reconcile?.(0)).rejects.toMatchObject({ code: "csv-open-quote" });
  });
});

describe("any CSV of well quoted fields", () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom("a", "ñ", ",", ";", '"', "\n", " ", "\t", "'", "\\", "#"),
      maxLength: 6,
    }),
    fc.constantFrom("", "x", "NA"),
  );
  const isPlain = (field: string) => !/[",\n]/.test(field) && !field.startsWith(" ") && field !== "";
  const written = (field: string) => (isPlain(field) ? field : `"${field.replaceAll('"', '""')}"`);
  const record = fc
    .array(text, { minLength: 1, maxLength: 5 })
    .filter((row) => row.length > 1 || row[0] !== "");

  it("is read to the row: three fields are a row, another number is a reject on its line", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 12 }), fc.boolean(), async (records, isCrlf) => {
        const end = isCrlf ? "\r\n" : "\n";
        const source = await csv(
          `a,b,c${end}${records.map((row) => row.map(written).join(",") + end).join("")}`,
        );
        const report = await engine.register("p", source);
        const good = records.filter((row) => row.length === 3);
        expect(report.rows).toBe(good.length);
        expect(report.rejected).toBe(records.length - good.length);
        const read = rowsOf(await engine.query("SELECT * FROM p"));
        expect(read).toEqual(good.map(([a, b, c]) => ({ a, b, c })));
        expect(await rejectedLines(report.rejectsView)).toEqual(linesOfRejects(records));
      }),
      { numRuns: 40 },
    );
  });

  async function rejectedLines(view: string | undefined): Promise<bigint[]> {
    if (view === undefined) return [];
    return rowsOf(await engine.query(`SELECT line FROM ${view}`)).map((row) => row.line as bigint);
  }

  function linesOfRejects(records: readonly string[][]): bigint[] {
    const lines: bigint[] = [];
    let line = 2;
    for (const row of records) {
      if (row.length !== 3) lines.push(BigInt(line));
      line += 1 + row.join("").split("\n").length - 1;
    }
    return lines;
  }
});

describe("a large CSV", () => {
  it("is kept on disk as Parquet while it is registered, and gone after close", async () => {
    const own = await openEngine("duckdb", { threads: 2, spillFolder: join(folder, "spill") });
    const line = `${"x".repeat(99)},${"y".repeat(99)},z\n`;
    const source = await csv(`a,b,c\n${line.repeat(350_000)}1,2\n`);
    expect(await own.register("big", source)).toMatchObject({ rows: 350_000, rejected: 1 });
    expect(rowsOf(await own.query("SELECT count(*) AS n FROM big WHERE c = 'z'"))).toEqual([{ n: 350_000n }]);
    expect(await readdir(join(folder, "spill"))).toHaveLength(1);
    await own.close();
    expect(await readdir(join(folder, "spill"))).toEqual([]);
  });
});
