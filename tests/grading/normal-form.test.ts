import { describe, expect, test } from "vitest";
import { normalForm } from "../../src/grading/prove/normal-form.ts";
import { normalSql } from "../../src/grading/prove/normal-sql.ts";

describe("the normal form of SQL", () => {
  const base = "SELECT id, x FROM numbers WHERE x >= 100";

  test.each([
    ["layout and comments", "select  id,x -- mine\nfrom numbers /* all */ where x>=100;"],
    ["quotes that a name does not need", 'SELECT "id", "x" FROM "numbers" WHERE "x" >= 100'],
    ["an alias of the table", "SELECT n.id, n.x FROM numbers AS n WHERE n.x >= 100"],
    [
      "an alias that is the column's own name",
      "SELECT n.id AS id, n.x AS x FROM numbers AS n WHERE x >= 100.0",
    ],
  ])("leaves out %s", (_, sql) => {
    expect(normalSql(sql)).toBe(normalSql(base));
  });

  test.each([
    ["another comparison", "SELECT id, x FROM numbers WHERE x > 100"],
    ["another column", "SELECT id, x FROM numbers WHERE id >= 100"],
    ["a negation", "SELECT id, x FROM numbers WHERE NOT (x < 100)"],
    ["another text", "SELECT id, 'x' FROM numbers WHERE x >= 100"],
  ])("keeps %s", (_, sql) => {
    expect(normalSql(sql)).not.toBe(normalSql(base));
  });

  test("gives the query's own names numbers", () => {
    const one = "WITH big AS (SELECT id AS k FROM numbers) SELECT k FROM big JOIN numbers ON id = k";
    const two = "with b as (select id as kk from numbers) select kk from b join numbers on id = kk";
    expect(normalSql(two)).toBe(normalSql(one));
    expect(normalSql(one)).not.toBe(normalSql(one.replace("JOIN", "LEFT JOIN")));
  });

  test("keeps the type of a cast", () => {
    expect(normalSql("SELECT CAST(x AS INT) AS a FROM t")).not.toBe(
      normalSql("SELECT CAST(x AS DATE) AS a FROM t"),
    );
  });
});

describe("the normal form of code and data", () => {
  test("leaves out TypeScript's types, names, comments and layout, and keeps the method", async () => {
    const form = (text: string) => normalForm("ts", { "f.ts": text });
    const base = await form(
      "export function f(xs: number[]) { let sum = 0; for (const x of xs) sum += x; return sum; }",
    );
    expect(
      await form(
        "// mine\nexport function f(values) {\n  let total = 0\n  for (const v of values) { total += v }\n  return total\n}",
      ),
    ).toBe(base);
    expect(await form("export function f(xs: number[]) { return xs.reduce((a, b) => a + b, 0); }")).not.toBe(
      base,
    );
  });

  test("compares YAML as data, whatever the order of its keys", async () => {
    const form = (text: string) => normalForm("files", { "l.yaml": text });
    expect(await form("a: [1, 2]\nb: x\n")).toBe(await form("# c\nb: 'x'\na:\n  - 1\n  - 2\n"));
    expect(await form("a: [1, 2]\n")).not.toBe(await form("a: [2, 1]\n"));
  });

  test("compares other files by their lines without comments", async () => {
    const form = (text: string) => normalForm("files", { Dockerfile: text });
    expect(await form("FROM  node:20 # base\n\nUSER node\n")).toBe(await form("FROM node:20\nUSER node"));
  });
});
