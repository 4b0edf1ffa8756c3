import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { authoringPage, renderAuthoringReference } from "../../src/course/authoring-reference.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("docs/authoring.md is what `node scripts/authoring.mjs` would write", async () => {
  expect(await readFile(join(root, "docs", "authoring.md"), "utf8")).toBe(await authoringPage(root));
});

test("every key of every file is described", () => {
  const rows = renderAuthoringReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => / \| *\|$/.test(row))).toEqual([]);
});
