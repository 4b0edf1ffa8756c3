import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { highlight, languageOf } from "../../src/cli/ui/highlight.ts";
import { renderInlineMarkdown, renderMarkdown } from "../../src/cli/ui/markdown.ts";
import { lookOf, widestLine } from "./looks.ts";

describe("Markdown", () => {
  test("keeps bold and code inside lists and tables", () => {
    const look = lookOf({ level: 1 });
    expect(renderMarkdown("- a **b** `c`", look)).toBe("• a \x1b[1mb\x1b[22m \x1b[36mc\x1b[39m");
    const table = renderMarkdown("| x |\n|---|\n| **y** `z` |", look);
    expect(table).toContain("\x1b[1my\x1b[22m \x1b[36mz\x1b[39m");
  });

  test("nests lists, with the text of an item below its own start", () => {
    const text = renderMarkdown(`1. uno\n   - dos ${"palabra ".repeat(8)}\n2. tres`, lookOf({ columns: 40 }));
    expect(text).toBe(
      [
        "1. uno",
        "   • dos palabra palabra palabra palabra",
        "     palabra palabra palabra palabra",
        "2. tres",
      ].join("\n"),
    );
  });

  test("shows a link's address once", () => {
    const look = lookOf();
    expect(renderMarkdown("[docs](https://duckdb.org)", look)).toBe("docs (https://duckdb.org)");
    expect(renderMarkdown("<https://duckdb.org>", look)).toBe("https://duckdb.org");
  });

  test("marks emphasis and code by characters where there is no colour", () => {
    expect(renderMarkdown("*a* `b`", lookOf())).toBe("*a* `b`");
  });

  test("never parts short code at a line's end, and leaves plain spaces in it", () => {
    const text = renderMarkdown(`${"x".repeat(30)} \`a > 0 AND b\` y`, lookOf({ columns: 40 }));
    expect(text).toBe(`${"x".repeat(30)}\n\`a > 0 AND b\` y`);
  });

  test("wraps a table's cells within the width", () => {
    const text = renderMarkdown(
      `| a | b |\n|---|--:|\n| ${"palabra ".repeat(20)} | 12 |`,
      lookOf({ columns: 60 }),
    );
    expect(widestLine(text)).toBeLessThanOrEqual(60);
    expect(text.match(/palabra/g)).toHaveLength(20);
  });

  test("breaks long lines of code without losing any of it", () => {
    const code = `SELECT ${Array.from({ length: 30 }, (_, i) => `column_${i}`).join(", ")} FROM t`;
    const text = renderMarkdown(`\`\`\`sql\n${code}\n\`\`\``, lookOf({ columns: 60, level: 1 }));
    const bare = stripVTControlCharacters(text);
    expect(widestLine(bare)).toBeLessThanOrEqual(60);
    expect(bare.replace(/\s+/g, "")).toBe(code.replace(/\s+/g, ""));
  });

  test("shows what looks like HTML, and hides comments", () => {
    expect(renderMarkdown("a `<id>` <b> c\n\n<!-- author's note -->", lookOf())).toBe("a `<id>` <b> c");
  });

  test("renders one line of inline Markdown for titles", () => {
    expect(renderInlineMarkdown("the columns `id` and **x**", lookOf())).toBe("the columns `id` and x");
  });
});

describe("highlighting", () => {
  test.each(["sql", "typescript", "yaml", "python", "json", "dockerfile", "bash"])(
    "colours %s without changing it",
    (language) => {
      const code = samples[language] ?? "";
      const painted = highlight(code, language, lookOf({ level: 1 }).colors);
      expect(painted).not.toBe(code);
      expect(stripVTControlCharacters(painted)).toBe(code);
    },
  );

  test("ends each line's colour on that line", () => {
    const painted = highlight("/* a\nb */", "sql", lookOf({ level: 1 }).colors);
    expect(painted).toBe("\x1b[2m/* a\x1b[22m\n\x1b[2mb */\x1b[22m");
  });

  test("leaves code alone without colour or for a language that it does not know", () => {
    expect(highlight("SELECT 1", "sql", lookOf().colors)).toBe("SELECT 1");
    expect(highlight("x <- 1 & 2", "r", lookOf({ level: 1 }).colors)).toBe("x <- 1 & 2");
  });

  test("knows a file's language by its name", () => {
    expect(languageOf("sql/clean.sql")).toBe("sql");
    expect(languageOf("C:\\a\\Dockerfile.prod")).toBe("dockerfile");
    expect(languageOf("notes.txt")).toBeUndefined();
  });
});

const samples: Readonly<Record<string, string>> = {
  sql: "SELECT a AS b, 'it''s' FROM t WHERE x < 12.5 AND y > 1 -- why",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the code that is coloured
  typescript: 'export const f = (x: number): string => `v${x}` && "<a>"; // why',
  yaml: "name: taller # why\nlist:\n  - 1\n  - true",
  python: "def f(x):\n    return x + 1  # why",
  json: '{ "a": [1, true, null], "b": "c" }',
  dockerfile: "FROM node:20\nRUN npm ci",
  bash: 'if [ "$A" = 1 ]; then echo "x"; fi # why',
};
