import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { inspectCsv, normaliseCsv } from "../../src/engines/csv/csv.ts";
import { type Counted, cells, intake } from "./intake.ts";

const { take, count, file, folder } = intake();

const ROWS = 100_000;

/** A hundred thousand rows; `change` gives the line of those that are to be special. */
function manyRows(change: (row: number) => string | undefined): string {
  const lines = ["id,name,amount"];
  for (let row = 0; row < ROWS; row++) lines.push(change(row) ?? `${row},name ${row % 7},${row % 100}.25`);
  return `${lines.join("\n")}\n`;
}

async function rejectedTexts(taken: Counted): Promise<string[]> {
  const text = await readFile(taken.result.rejectsPath ?? "", "utf8");
  return text.trimEnd().split("\n").slice(1);
}

describe("an open quote", () => {
  test("in the middle of 100,000 rows costs its own line and no other", async () => {
    const taken = await count(manyRows((row) => (row === 50_000 ? '50000,"name,1.25' : undefined)));
    expect(taken.result.rejectsByReason).toEqual({ "open-quote": 1 });
    expect(taken.result.rows).toBe(ROWS - 1);
    const [reject] = await rejectedTexts(taken);
    expect(reject).toContain('50002,open-quote,,"50000,""name,1.25"');
  });

  test("costs its own line where other rows have quotes too", async () => {
    const taken = await count(
      manyRows((row) =>
        row === 50_000 ? '50000,"name,1.25' : row % 3 === 0 ? `${row},"a, ""b""",1.25` : undefined,
      ),
    );
    expect(taken.result.rejectsByReason).toEqual({ "open-quote": 1 });
    expect(taken.result.rows).toBe(ROWS - 1);
  });

  test("costs its own line where a second one would close it", async () => {
    const taken = await count(
      manyRows((row) =>
        row === 50_000 ? '50000,"name,1.25' : row === 50_007 ? '50007,name",1.25' : undefined,
      ),
    );
    // By RFC 4180 these eight lines are one record, and nothing in them says otherwise.
    expect(taken.result.rows).toBe(ROWS - 7);
    const far = await count(
      manyRows((row) =>
        row === 50_000 ? '50000,"name,1.25' : row === 80_000 ? '80000,name",1.25' : undefined,
      ),
    );
    expect(far.result.rejectsByReason).toEqual({ "open-quote": 1 });
    expect(far.result.rows).toBe(ROWS - 1);
  });

  test("on the last line, and in the header's sample, costs its own line", async () => {
    const last = await count(manyRows((row) => (row === ROWS - 1 ? '99999,"name,1' : undefined)));
    expect(last.result.rejectsByReason).toEqual({ "open-quote": 1 });
    const early = await count(manyRows((row) => (row === 2 ? '2,"name,1' : undefined)));
    expect(early.result.rejectsByReason).toEqual({ "open-quote": 1 });
    expect(early.inspection.columns.map((column) => column.type.kind)).toEqual([
      "int64",
      "string",
      "decimal",
    ]);
  });

  test("in a file of one column is told by what follows", async () => {
    const lines = Array.from({ length: 500 }, (_, i) =>
      i === 100 ? '"open' : i === 200 ? '"fine, sir"' : `line ${i}`,
    );
    const { result } = await take(`text\n${lines.join("\n")}\n`);
    expect(result.rejectsByReason).toEqual({ "open-quote": 1 });
    expect(result.rows).toBe(499);
  });
});

describe("quotes that are no open ones", () => {
  test("a quoted text of 300 lines is one value", async () => {
    const poem = Array.from(
      { length: 300 },
      (_, i) => `verse ${i}, of ${i % 5 === 0 ? "many, many" : "some"}`,
    ).join("\n");
    const { texts, result } = await take(`id,text,n\n1,"${poem}",2\n3,x,4\n`);
    expect(result.rejected).toBe(0);
    expect(cells(texts)[0]).toEqual(["1", poem, "2"]);
  });

  test("text after a closing quote rejects the line as stray-quote", async () => {
    const { result, typed } = await take('a,b\n1,"x" y\n2,"z"\n3,w\n');
    expect(result.rejectsByReason).toEqual({ "stray-quote": 1 });
    expect(cells(typed)).toHaveLength(2);
  });

  test("a quote inside a plain field is a letter", async () => {
    const { texts, result } = await take('a,b\n1,12" pipe\n2,x "y" z\n3,z "w"\n');
    expect(result.rejected).toBe(0);
    expect(cells(texts)).toEqual([
      ["1", '12" pipe'],
      ["2", 'x "y" z'],
      ["3", 'z "w"'],
    ]);
  });

  test("a ragged record with line ends inside is one reject", async () => {
    const { result } = await take('a,b,c\n1,"x\ny"\n2,3,4\n');
    expect(result.rejectsByReason).toEqual({ ragged: 1 });
    expect(result.records).toBe(2);
  });
});

describe("a record longer than the limit", () => {
  test("is rejected without keeping it in memory, and the next ones are read", async () => {
    const path = await file(`a,b\n1,x\n2,${"y".repeat(600_000)}\n3,z\n`);
    const inspection = await inspectCsv(path);
    const options = { folder: `${folder()}/long`, maxRecordBytes: 1 << 17 };
    const result = await normaliseCsv(path, inspection, options);
    expect(result.rejectsByReason).toEqual({ "too-long": 1 });
    expect(result.rows).toBe(2);
    const quoted = await file(`a,b\n1,x\n2,"${"y\n".repeat(100_000)}\n3,z\n`);
    const taken = await normaliseCsv(quoted, inspection, options);
    expect(taken.records).toBe(taken.rows + taken.rejected);
    expect(taken.rows).toBe(2);
  });
});
