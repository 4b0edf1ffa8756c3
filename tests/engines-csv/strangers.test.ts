import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { cells, intake, typesOf } from "./intake.ts";

const { take, count, engine } = intake();

describe("strangers' CSVs", () => {
  test("a clean UTF-8 file is read in place, typed", async () => {
    const { result, typed, inspection } = await take("id,name,amount\n1,Ana,1.50\n2,José,-2.25\n");
    expect(result.isInPlace).toBe(true);
    expect(typesOf(inspection)).toEqual(["id:int64", "name:string", "amount:decimal(18,2)"]);
    expect(cells(typed)).toEqual([
      [1n, "Ana", "1.50"],
      [2n, "José", "-2.25"],
    ]);
  });

  test("semicolons, decimal commas, Latin-1 and CRLF are read", async () => {
    const text =
      "código;importe;fecha;ciudad\r\n1;1.234,50;25/12/2024;Córdoba\r\n2;-7,00;01/02/2024;Málaga\r\n";
    const { result, typed, inspection } = await take(iconv.encode(text, "latin1"));
    expect(inspection.encoding).toBe("windows-1252");
    expect(inspection.dialect.delimiter).toBe(";");
    expect(typesOf(inspection)).toEqual([
      "codigo:int64",
      "importe:decimal(18,2) 1.234,56",
      "fecha:date dd/mm/yyyy",
      "ciudad:string",
    ]);
    expect(cells(typed)).toEqual([
      [1n, "1234.50", "2024-12-25", "Córdoba"],
      [2n, "-7.00", "2024-02-01", "Málaga"],
    ]);
    expect(result.rejected).toBe(0);
  });

  test("thousands separators are read in four conventions", async () => {
    const { typed, inspection } = await take(
      `en;es;fr;ch\n"1,234.5";1.234,5;1 234,5;1'234.5\n12.25;12,25;12,25;12.25\n"1,234,567.0";1.234.567,0;1 234 567,0;1'234'567.0\n`,
    );
    expect(typesOf(inspection)).toEqual([
      "en:float64 1,234.56",
      "es:float64 1.234,56",
      "fr:float64 1 234,56",
      "ch:float64 1'234.56",
    ]);
    expect(cells(typed)).toEqual([
      [1234.5, 1234.5, 1234.5, 1234.5],
      [12.25, 12.25, 12.25, 12.25],
      [1234567, 1234567, 1234567, 1234567],
    ]);
  });

  test.each([
    ["tabs", "\t"],
    ["pipes", "|"],
    ["carets", "^"],
    ["Hive's 0x01", "\u0001"],
  ])("%s delimit fields", async (_, mark) => {
    const { typed, inspection } = await take(
      ["a,b,c", "1,x y,2024-01-05", "2,z,2024-02-29", ""].join("\n").replaceAll(",", mark),
    );
    expect(inspection.dialect.delimiter).toBe(mark);
    expect(cells(typed)).toEqual([
      [1n, "x y", "2024-01-05"],
      [2n, "z", "2024-02-29"],
    ]);
  });

  test("gzip is read, also of several members and without .gz in its name", async () => {
    const packed = Buffer.concat([gzipSync("a,b\n1,x\n"), gzipSync("2,y\n")]);
    const { typed, inspection, result } = await take(packed, { name: "packed.dat" });
    expect(inspection.compression).toBe("gzip");
    expect(result.isInPlace).toBe(false);
    expect(cells(typed)).toEqual([
      [1n, "x"],
      [2n, "y"],
    ]);
  });

  test("a byte-order mark is no part of the first name", async () => {
    const { inspection } = await take("\ufeffid,name\n1,x\n");
    expect(inspection.columns.map((column) => column.name)).toEqual(["id", "name"]);
  });

  test.each(["utf-16le", "utf-16be", "utf-32le"])("%s is read, with a mark", async (encoding) => {
    const { typed, inspection } = await take(
      iconv.encode("id,año\n1,mañana 😀\n2,日本\n", encoding, { addBOM: true }),
    );
    expect(inspection.encoding).toBe(encoding);
    expect(cells(typed)).toEqual([
      [1n, "mañana 😀"],
      [2n, "日本"],
    ]);
    expect(inspection.columns[1]?.name).toBe("anio");
  });

  test.each(["utf-16le", "utf-16be"])("%s is read without a mark", async (encoding) => {
    const { typed, inspection } = await take(
      iconv.encode("id,name\n1,Ana\n2,Luis\n", encoding, { addBOM: false }),
    );
    expect(inspection.encoding).toBe(encoding);
    expect(cells(typed)).toEqual([
      [1n, "Ana"],
      [2n, "Luis"],
    ]);
  });

  test("single rows that are no UTF-8 are read as windows-1252, and counted", async () => {
    const lines = Array.from({ length: 50 }, (_, i) => `${i},año\n`).join("");
    const content = Buffer.concat([
      Buffer.from(`id,text\n${lines}`),
      iconv.encode("50,niño\n", "latin1"),
      Buffer.from("51,señor\n"),
    ]);
    const { texts, result } = await take(content);
    expect(cells(texts).slice(49)).toEqual([
      ["49", "año"],
      ["50", "niño"],
      ["51", "señor"],
    ]);
    expect(result.notes.map((note) => note.en).join()).toContain("1 row(s) were not UTF-8");
  });

  test("ragged lines are rejected with line, reason and text; the others are rows", async () => {
    const { result, typed } = await take("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n");
    expect(cells(typed)).toEqual([
      [1n, 2n, 3n],
      [10n, 11n, 12n],
    ]);
    expect(result.rejectsByReason).toEqual({ ragged: 2 });
    const rejects = await readFile(result.rejectsPath ?? "", "utf8");
    expect(rejects.split("\n").map((line) => line.split(",").slice(1).join(","))).toEqual([
      "line,reason,column,text",
      '3,ragged,2/3,"4,5"',
      '4,ragged,4/3,"6,7,8,9"',
      "",
    ]);
  });

  test("quoted newlines, delimiters and doubled quotes are values", async () => {
    const { texts, result } = await take(
      'a,b\n1,"two\nlines, and a ""quote"""\n2,"three\r\nlines\rhere"\n3,x\n',
    );
    expect(cells(texts)).toEqual([
      ["1", 'two\nlines, and a "quote"'],
      ["2", "three\r\nlines\rhere"],
      ["3", "x"],
    ]);
    expect(result.isInPlace).toBe(true);
  });

  test("a 3 MB cell is one cell", async () => {
    const big = "x".repeat(3_000_000);
    const { texts, result } = await take(`a,b\n1,${big}\n2,"${big}\n${big}"\n3,y\n`);
    expect(cells(texts).map((row) => String(row[1]).length)).toEqual([3_000_000, 6_000_001, 1]);
    expect(result.rejected).toBe(0);
  });

  test("3,000 columns are read", async () => {
    const row = (make: (i: number) => string) => Array.from({ length: 3000 }, (_, i) => make(i)).join(",");
    const { inspection, result, view } = await count(
      `${row((i) => `c${i}`)}\n${row(String)}\n${row((i) => String(i * 2))}\n`,
    );
    expect(inspection.columns).toHaveLength(3000);
    const typed = await engine().query(result.typedSelect(view));
    expect(cells(typed)[1]?.[2999]).toBe(5998n);
  });

  test("a file without a final newline keeps its last row", async () => {
    const { typed } = await take("a,b\n1,x\n2,y");
    expect(cells(typed)).toHaveLength(2);
  });

  test.each([
    ["CR", "a,b\r1,x\r2,y\r"],
    ["mixed", "a,b\n1,x\r\n2,y\r"],
    ["CRLF", "a,b\r\n1,x\r\n2,y\r\n"],
    ["mixed, last one open", "a,b\r\n1,x\n2,y"],
  ])("%s line ends are read", async (_, content) => {
    const { typed } = await take(content);
    expect(cells(typed)).toEqual([
      [1n, "x"],
      [2n, "y"],
    ]);
  });

  test("backslash escapes are read", async () => {
    const { texts, inspection } = await take('a,b\n1,"say \\"hi\\", ok"\n2,"back\\\\slash"\n3,"x"\n');
    expect(inspection.dialect.escape).toBe("\\");
    expect(cells(texts)).toEqual([
      ["1", 'say "hi", ok'],
      ["2", "back\\slash"],
      ["3", "x"],
    ]);
  });

  test("single quotes are read", async () => {
    const { texts, inspection } = await take("a,b\n1,'x, y'\n2,'it''s'\n3,'z'\n");
    expect(inspection.dialect.quote).toBe("'");
    expect(cells(texts)).toEqual([
      ["1", "x, y"],
      ["2", "it's"],
      ["3", "z"],
    ]);
  });

  test("spaces before a quote are no part of the value", async () => {
    const { texts } = await take('a, b\n1, "x, y"\n2, "z"\n');
    expect(cells(texts)).toEqual([
      ["1", "x, y"],
      ["2", "z"],
    ]);
  });

  test("a delimiter at the end of each line makes no column", async () => {
    const { typed, inspection } = await take("a,b,\n1,x,\n2,y,\n");
    expect(inspection.columns.map((column) => column.name)).toEqual(["a", "b"]);
    expect(cells(typed)).toEqual([
      [1n, "x"],
      [2n, "y"],
    ]);
  });

  test("title and comment lines above the header are skipped, and said", async () => {
    const { typed, inspection } = await take(
      "Ventas de 2024\n# exportado ayer\n\nid,importe,ciudad\n1,2.50,Madrid\n2,3.50,Lugo\n",
    );
    expect(cells(typed)).toEqual([
      [1n, "2.50", "Madrid"],
      [2n, "3.50", "Lugo"],
    ]);
    expect(inspection.notes.map((note) => note.en).join()).toContain('the first: "Ventas de 2024"');
  });

  test("Excel's sep= line names the delimiter", async () => {
    const { typed } = await take("sep=;\na;b\n1;x\n2;y\n");
    expect(cells(typed)).toEqual([
      [1n, "x"],
      [2n, "y"],
    ]);
  });

  test("a file without a header gets numbered columns and loses no row", async () => {
    const { typed, inspection } = await take("1,Ana,2024-01-05\n2,Luis,2024-01-06\n");
    expect(inspection.dialect.hasHeader).toBe(false);
    expect(typed.fields.map((field) => field.name)).toEqual(["column_1", "column_2", "column_3"]);
    expect(cells(typed)).toHaveLength(2);
  });

  test("one column is read, with decimal commas too", async () => {
    expect(cells((await take("precio\n1,5\n22,75\n3,0\n")).typed)).toEqual([[1.5], [22.75], [3]]);
    expect(cells((await take("name\nAna\nLuis\nEva\n")).typed)).toEqual([["Ana"], ["Luis"], ["Eva"]]);
  });

  test("a header alone is a table without rows", async () => {
    const { typed, result } = await take("a,b,c\n");
    expect(result.rows).toBe(0);
    expect(typed.fields.map((field) => field.name)).toEqual(["a", "b", "c"]);
  });

  test("a row with NUL bytes is rejected, the others are kept", async () => {
    const { typed, result } = await take("a,b\n1,x\n2,y\0z\n3,w\n");
    expect(result.rejectsByReason).toEqual({ "nul-byte": 1 });
    expect(cells(typed)).toHaveLength(2);
  });

  test("blank lines are counted, and are no rows", async () => {
    const { typed, result } = await take("a,b\n1,x\n\n   \n2,y\n\n");
    expect(result.blankLines).toBe(3);
    expect(cells(typed)).toHaveLength(2);
  });

  test("an empty field is no value, a quoted empty one is an empty text", async () => {
    const { texts } = await take('a,b,c\n1,,"x"\n2,"","y"\n');
    expect(cells(texts)).toEqual([
      ["1", null, "x"],
      ["2", "", "y"],
    ]);
  });
});
