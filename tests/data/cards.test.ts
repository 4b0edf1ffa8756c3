import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCards, shippedCards } from "../../src/data/cards.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cards-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("cards", () => {
  test("each lies in the folder of its name", () => {
    for (const { card, folder: its } of shippedCards()) expect(its.endsWith(card.name), its).toBe(true);
    expect(shippedCards().length).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ["an unknown key", { licencse: "MIT" }, /licencse/],
    [
      "an unknown type",
      { columns: [{ name: "a", type: "text", nullable: true, description: both("x") }] },
      /no such type/,
    ],
    ["a text in one language only", { title: { es: "x" } }, /title/],
    ["an unknown kind", { kind: "remote" }, /kind/],
  ] as const)("one with %s is refused, and the file is named", async (_, change, message) => {
    const good: unknown = JSON.parse(
      await readFile(new URL("../../datasets/leads/dataset.json", import.meta.url), "utf8"),
    );
    const root = join(folder, String(Math.random()));
    await mkdir(join(root, "leads"), { recursive: true });
    await writeFile(join(root, "leads", "dataset.json"), JSON.stringify({ ...Object(good), ...change }));
    expect(() => readCards(root)).toThrow(message);
    expect(() => readCards(root)).toThrow(/leads[\\/]dataset\.json/);
  });
});

function both(text: string): { es: string; en: string } {
  return { es: text, en: text };
}
