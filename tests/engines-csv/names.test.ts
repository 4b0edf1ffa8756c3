import { describe, expect, test } from "vitest";
import { isSafeName, safeNames } from "../../src/engines/csv/names.ts";
import { intake } from "./intake.ts";

const { take, engine } = intake();

describe("column names", () => {
  test("a plain name stays as it is, anything else becomes one", () => {
    expect(
      safeNames([
        "id",
        "LeadID",
        "Fecha de Alta",
        "año",
        "50%",
        "; DROP TABLE leads",
        "x\ny",
        '"q"',
        "日本",
        "",
        "   ",
      ]),
    ).toEqual([
      "id",
      "LeadID",
      "fecha_de_alta",
      "anio",
      "c_50",
      "drop_table_leads",
      "x_y",
      "q",
      "column_9",
      "column_10",
      "column_11",
    ]);
  });

  test("names are unique, ignoring case, and the one that was plain keeps its name", () => {
    expect(safeNames(["a", "A", "a", "a_2"])).toEqual(["a", "A_3", "a_4", "a_2"]);
    expect(safeNames(["Á", "a"])).toEqual(["a_2", "a"]);
    expect(new Set(safeNames(Array.from({ length: 3000 }, () => "x"))).size).toBe(3000);
  });

  test("SQL words get an underscore, and 300 letters become 60", () => {
    expect(safeNames(["select", "ORDER", "order_"])).toEqual(["select_", "order__2", "order_"]);
    expect(safeNames(["x".repeat(300)])[0]).toHaveLength(60);
  });

  test("every keyword of the engine can be a header", async () => {
    const keywords = await engine().query("SELECT keyword_name FROM duckdb_keywords()");
    const column = keywords.columns[0];
    const words =
      column?.kind === "string" ? column.values : column?.kind === "dictionary" ? column.dictionary : [];
    expect(words.length).toBeGreaterThan(400);
    const { result, typed, view } = await take(
      `${words.join(",")}\n${words.map(() => "x").join(",")}\n${words.map(() => "y").join(",")}\n`,
    );
    expect(result.inspection.dialect.hasHeader).toBe(true);
    expect(typed.rowCount).toBe(2);
    const names = typed.fields.map((field) => field.name);
    expect(names.every(isSafeName)).toBe(true);
    const use = names.map((name) => `max(lower(${name})) AS ${name}`).join(", ");
    expect((await engine().query(`SELECT ${use} FROM ${view} WHERE ${names[0]} = 'x'`)).rowCount).toBe(1);
  });

  test("hostile headers do nothing but name columns", async () => {
    const headers = [
      '"; DROP TABLE x; --"',
      '"a""b"',
      '"line\nbreak"',
      "x".repeat(300),
      "   ",
      "",
      "A",
      "a",
      "A",
    ];
    const { typed, inspection } = await take(`${headers.join(",")}\n1,2,3,4,5,6,7,8,9\n`);
    expect(typed.fields.map((field) => field.name)).toEqual([
      "drop_table_x",
      "a_b",
      "line_break",
      "x".repeat(60),
      "column_5",
      "column_6",
      "A",
      "a_2",
      "A_3",
    ]);
    expect(inspection.columns[0]?.source).toBe("; DROP TABLE x; --");
    expect(inspection.columns[2]?.source).toBe("line\nbreak");
    expect(typed.rowCount).toBe(1);
  });
});
