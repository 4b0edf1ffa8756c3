import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatSchema, inspectCsv, readSchemaFile, writeSchemaFile } from "../../src/engines/csv/csv.ts";
import { cells, intake, typesOf, userErrorOf } from "./intake.ts";

const { take, file, folder } = intake();

const HEAD = 'encoding: utf-8\ndelimiter: ","\nquote: "\\""\nescape: "\\""\nheader: true\ncolumns:\n';
const VALID = `${HEAD}  - position: 1\n    name: a\n    type: string\n`;

const SALES = "código;importe;fecha;cp\n1;1.234,50;01/02/2024;08001\n2;7,00;03/04/2024;28002\n";

describe("the schema file", () => {
  test("says what was found, with its reasons, in two languages", async () => {
    const inspection = await inspectCsv(await file(SALES, "ventas.csv"));
    expect(formatSchema(inspection, "en")).toMatchInlineSnapshot(`
      "# How this CSV is read. Edit it and pass it with --schema: what does not fit its type is rejected, with a reason.
      # type: string, boolean, int32, int64, float64, decimal(p,s), date, timestamp.
      # format, for numbers: 1234.56  1,234.56  1234,56  1.234,56  1 234,56  1'234.56; for dates: yyyy-mm-dd  dd-mm-yyyy  mm-dd-yyyy  yyyy/mm/dd  dd/mm/yyyy  mm/dd/yyyy  yyyy.mm.dd  dd.mm.yyyy  mm.dd.yyyy.
      # 1 name(s) change so that SQL can use them; the first: "código" → codigo.

      file: ventas.csv
      encoding: utf-8
      delimiter: ;
      quote: '"'
      escape: '"'
      header: true
      skipLines: 0
      columns:
        - position: 1
          source: código
          name: codigo
          type: int64
        - position: 2
          source: importe
          name: importe
          type: decimal(18,2)
          format: 1.234,56
        # Stays text: no date says whether day or month comes first. Say it with format: dd/mm/yyyy or mm/dd/yyyy.
        - position: 3
          source: fecha
          name: fecha
          type: string
        # Stays text: there are leading zeros, and a number would lose them (line 2: "08001").
        - position: 4
          source: cp
          name: cp
          type: string
      "
    `);
    expect(formatSchema(inspection, "es")).toContain(
      "# Queda como texto: ninguna fecha dice si va antes el día o el mes",
    );
  });

  test("written and read back gives the same reading", async () => {
    const { inspection, typed } = await take(SALES);
    const path = join(folder(), "same.yaml");
    await writeSchemaFile(path, inspection, "es");
    const again = await take(SALES, { schema: await readSchemaFile(path) });
    expect(typesOf(again.inspection)).toEqual(typesOf(inspection));
    expect(cells(again.typed)).toEqual(cells(typed));
  });

  test("edited, it decides: types, names, formats, and which columns", async () => {
    const path = join(folder(), "edited.yaml");
    await writeSchemaFile(path, await inspectCsv(await file(SALES)), "es");
    const text = await readFile(path, "utf8");
    await writeFile(
      path,
      text
        .replace("name: codigo\n    type: int64", "name: sale\n    type: string")
        .replace("name: fecha\n    type: string", "name: day\n    type: date\n    format: dd/mm/yyyy")
        .replace(/ {2}- position: 4[\s\S]*$/, ""),
    );
    const { typed, inspection } = await take(SALES, { schema: await readSchemaFile(path) });
    expect(typed.fields.map((field) => `${field.name}:${field.type.kind}`)).toEqual([
      "sale:string",
      "importe:decimal",
      "day:date",
    ]);
    expect(cells(typed)[0]).toEqual(["1", "1234.50", "2024-02-01"]);
    expect(inspection.columns[3]?.isSelected).toBe(false);
  });

  test("a value that does not fit its declared type rejects the row, with the column", async () => {
    const schema = await schemaOf("id: int64", "v: int64");
    const { result, typed } = await take("id,v\n1,10\n2,ten\n3,\n4,1.5\n5,9223372036854775808\n6,007\n", {
      schema,
    });
    expect(result.rejectsByReason).toEqual({ type: 3 });
    expect(cells(typed)).toEqual([
      [1n, 10n],
      [3n, null],
      [6n, 7n],
    ]);
    const rejects = await readFile(result.rejectsPath ?? "", "utf8");
    expect(rejects).toContain('3,type,v,"2,ten"');
  });

  test.each<[string, string, string[], string[]]>([
    ["int32", "int32", ["1", "-999999999"], ["9999999999", "1.0"]],
    ["decimal", "decimal(5,2)", ["1.5", "-999.99"], ["1000.00", "1.234", "1,5"]],
    ["float64", "float64", ["1e5", "1.25", "7"], ["x", "1,5"]],
    ["a comma", "float64\n    format: 1234,56", ["1,5", "1234,567"], ["1.5", "1.234,5"]],
    ["groups", "int64\n    format: 1.234,56", ["1.234", "1234"], ["1,5"]],
    ["date", "date\n    format: mm/dd/yyyy", ["12/31/2024"], ["31/12/2024", "2024-12-31"]],
    ["timestamp", "timestamp", ["2024-12-31 10:00"], ["2024-12-31"]],
    ["boolean", "boolean\n    format: sí/no", ["SÍ", "no"], ["true", "yes"]],
    ["null words", 'int64\n    nulls: ["s/d"]', ["s/d", "1"], ["NA"]],
  ])("%s takes what it says and rejects the rest", async (_, type, good, bad) => {
    const schema = await schemaOf("id: int64", `v: ${type}`);
    const rows = [...good, ...bad].map((value, i) => `${i};${value}\n`).join("");
    const { result, typed } = await take(`id;v\n${rows}`, { schema: { ...schema, delimiter: ";" } });
    expect(result.rejectsByReason).toEqual({ type: bad.length });
    expect(typed.rowCount).toBe(good.length);
  });

  test.each([
    ["no YAML", "a: [", "not YAML"],
    ["an unknown key", `${VALID}surprise: 1\n`, "surprise"],
    ["an unknown type", VALID.replace("string", "money"), `columns.1.type: "money" is not a type`],
    ["a format of another type", VALID.replace("string", "date\n    format: 1.234,56"), "one of: yyyy-mm-dd"],
    ["a name that needs quotes", VALID.replace("name: a", "name: select"), "columns.1.name"],
    ["a name twice", `${VALID}  - position: 2\n    name: A\n    type: string\n`, "a stands twice"],
    ["a long delimiter", VALID.replace('","', '"||"'), "delimiter: one ASCII character"],
    ["an unknown encoding", VALID.replace("utf-8", "klingon"), "encoding: not an encoding"],
  ])("%s is refused with the key", async (_, text, says) => {
    const error = await userErrorOf(readSchemaFile(await file(text)));
    expect([error.code, error.fault]).toEqual(["csv-schema", "usage"]);
    expect(error.what.en).toContain(says);
  });

  test("when no row fits, the columns that don't are named with their type", async () => {
    const schema = await schemaOf("id: int64", "v: int32");
    const { what } = await userErrorOf(take("id,v\n1,ten\n2,eleven\n", { schema }));
    expect(what.en).toContain("v: 2 with a value that is not int32");
  });

  test("what is wrong is said in Spanish too, our rules and zod's own", async () => {
    const text = VALID.replace("string", "money").replace("header: true", "header: 7");
    const { what } = await userErrorOf(readSchemaFile(await file(text)));
    expect(what.es).toContain("columns.1.type: «money» no es un tipo");
    expect(what.es).toContain("header: Entrada inválida");
  });

  test("a schema of another file is refused by the first name that differs", async () => {
    const path = join(folder(), "other.yaml");
    await writeSchemaFile(path, await inspectCsv(await file("a,b\n1,2\n")), "en");
    const error = await userErrorOf(take("a,c\n1,2\n", { schema: await readSchemaFile(path) }));
    expect(error.what.en).toBe('Column 2 is called "c" in the file and "b" in the schema.');
  });

  test("a missing schema file is said to be missing", async () => {
    expect((await userErrorOf(readSchemaFile(join(folder(), "none.yaml")))).code).toBe("csv-missing");
  });

  test("every hostile header survives the file", async () => {
    const csv = '"; DROP TABLE x","#no: comment","- list","a: b","line\nbreak","\'"\n1,2,3,4,5,6\n';
    const path = join(folder(), "hostile.yaml");
    const inspection = await inspectCsv(await file(csv));
    await writeSchemaFile(path, inspection, "es");
    const schema = await readSchemaFile(path);
    expect(schema.columns.map((column) => column.source)).toEqual(
      inspection.columns.map((column) => column.source),
    );
    expect((await take(csv, { schema })).result.rows).toBe(1);
  });
});

/** A schema of columns with these types. */
async function schemaOf(...columns: readonly string[]) {
  const lines = columns.map((column, i) => {
    const [name, ...type] = column.split(": ");
    return `  - position: ${i + 1}\n    name: ${name}\n    type: ${type.join(": ")}\n`;
  });
  return readSchemaFile(await file(HEAD + lines.join("")));
}
