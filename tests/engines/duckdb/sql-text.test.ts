import { describe, expect, it } from "vitest";
import { withoutLastSemicolon } from "../../../src/engines/duckdb/sql-text.ts";

describe("withoutLastSemicolon", () => {
  it.each([
    ["SELECT 1", "SELECT 1"],
    ["SELECT 1;", "SELECT 1"],
    ["SELECT 1 ;\n\n -- the end; really\n/* ; */", "SELECT 1 "],
    ["SELECT ';' AS a;", "SELECT ';' AS a"],
    ["SELECT 'it''s;' AS a -- no end", "SELECT 'it''s;' AS a -- no end"],
    ['SELECT 1 AS "a;b";;', 'SELECT 1 AS "a;b"'],
    ["SELECT $$;$$; ", "SELECT $$;$$"],
    ["SELECT 1; SELECT 2;", "SELECT 1; SELECT 2"],
    ["SELECT 6 / 2 - 1 -- ;\n;", "SELECT 6 / 2 - 1 -- ;\n"],
  ])("turns %j into %j", (sql, expected) => {
    expect(withoutLastSemicolon(sql)).toBe(expected);
  });
});
