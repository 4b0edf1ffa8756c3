import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitStatements } from "../../src/grading/kinds/sql/split-statements.ts";

describe("splitStatements", () => {
  test("a statement has the line of its first word", () => {
    const sql = "-- a;\n\nSELECT 1 AS a;;\n/* ; /* ; */ ; */ SELECT ';\n' AS b\n;\n\n  SELECT $x$ ; $x$ AS c";
    expect(splitStatements(sql).map(({ line, text }) => [line, text.trim()])).toEqual([
      [3, "SELECT 1 AS a"],
      [4, "SELECT ';\n' AS b"],
      [8, "SELECT $x$ ; $x$ AS c"],
    ]);
  });

  test("cuts as DuckDB does, whatever is quoted or commented", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const text = fc
      .array(fc.constantFrom(";", "\n", "--", "a", "$", "$y$", "\\\\", " ", "/ *", "* /", "é"), {
        maxLength: 5,
      })
      .map((pieces) => pieces.join(""));
    const value = fc.oneof(
      text.map((inside) => `'${inside}''"'`),
      text.map((inside) => `1 AS "'${inside}""x"`),
      text.map((inside) => `E'${inside}\\';'`),
      text.map((inside) => `$x$${inside}'"$x$`),
      text.map((inside) => `/* ' ${inside} /* ; */ " */ 1`),
      text.map((inside) => `1 -- ' ${inside.replaceAll("\n", "")} ;\n`),
    );
    const file = fc.array(
      fc.tuple(
        value.map((written) => `SELECT ${written}`),
        fc.constantFrom(";", ";\n;", " ; -- ;\n"),
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(file, async (statements) => {
        const sql = statements.flat().join("");
        const { count } = await connection.extractStatements(sql);
        expect([count, splitStatements(sql).length]).toEqual([statements.length, statements.length]);
      }),
      { numRuns: 300, seed: 7 },
    );
    connection.closeSync();
    instance.closeSync();
  });
});
