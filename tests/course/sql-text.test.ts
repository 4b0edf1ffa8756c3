import fc from "fast-check";
import { expect, test } from "vitest";
import { bareSql, splitStatements } from "../../src/course/sql-text.ts";

test.each<[string, readonly string[]]>([
  ["SELECT 1", ["SELECT 1"]],
  ["SELECT 1;", ["SELECT 1"]],
  ["SELECT ';' ; SELECT \";\";", ["SELECT ';'", 'SELECT ";"']],
  ["SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", "SELECT 2"]],
  ["-- only; a comment\n", []],
  [
    "SELECT 1 -- a; b\n; /* c; /* d; */ e; */ SELECT 2",
    ["SELECT 1 -- a; b", "/* c; /* d; */ e; */ SELECT 2"],
  ],
  ["SELECT $$;$$; SELECT $a$;$$;$a$", ["SELECT $$;$$", "SELECT $a$;$$;$a$"]],
  ["SELECT 'open; SELECT 2", ["SELECT 'open; SELECT 2"]],
  [" ; ;\n;", []],
])("%j is split at the semicolons between statements", (sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements);
});

test("statements joined by semicolons are split into themselves", () => {
  const statement = fc
    .array(fc.constantFrom("SELECT", "1", "';'", '"a;b"', "/* ; */", "$$;$$", "x", "'it''s'"), {
      minLength: 1,
    })
    .map((words) => `SELECT ${words.join(" ")}`);
  fc.assert(
    fc.property(fc.array(statement), (statements) => {
      expect(splitStatements(statements.join(" ;\n"))).toEqual(statements);
    }),
  );
});

test("bare SQL has no strings, names in quotes or comments", () => {
  expect(bareSql("SELECT 'a' AS \"b\" -- c\n, d /* e */").replace(/\s+/g, " ")).toBe("SELECT AS , d ");
});
