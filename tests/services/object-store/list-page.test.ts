import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyIndex } from "../../../src/services/object-store/embedded/store/key-index.ts";
import { listPage, type PagePosition } from "../../../src/services/object-store/embedded/store/list-page.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "/", "\u00ff", "\u0000"), maxLength: 6 });
const keys = fc.uniqueArray(
  word.filter((key) => key !== ""),
  { maxLength: 40 },
);

test("pages of any size, joined, are what filtering and folding all keys gives", () => {
  fc.assert(
    fc.property(keys, word, word, fc.integer({ min: 1, max: 7 }), (all, prefix, delimiter, maxKeys) => {
      const index = indexOf(all);
      const found: string[] = [];
      let after: PagePosition | undefined;
      do {
        const page = listPage(index, { prefix, delimiter, after, maxKeys });
        const both = [...page.keys, ...page.commonPrefixes];
        expect(both.length).toBeLessThanOrEqual(maxKeys);
        expect(page.next === undefined || both.length === maxKeys).toBe(true);
        found.push(...both.sort());
        after = page.next;
      } while (after !== undefined);
      expect(found).toEqual(foldAll(all, prefix, delimiter));
    }),
  );
});

test("the index holds what was put and not deleted, in order, whatever the order of calls", () => {
  const calls = fc.array(fc.tuple(fc.constantFrom("load", "set", "delete", "seek"), word), { maxLength: 60 });
  fc.assert(
    fc.property(calls, (made) => {
      const index = new KeyIndex();
      const model = new Set<string>();
      for (const [call, key] of made) {
        if (call === "load") index.load(key);
        if (call === "set") index.set(key, { sizeBytes: 0, etag: key, modifiedMs: 0 });
        if (call === "load" || call === "set") model.add(key);
        if (call === "delete") index.delete(key);
        if (call === "delete") model.delete(key);
        if (call === "seek")
          expect(index.at(index.seek(key))).toBe([...model].sort().find((other) => other >= key));
      }
      expect(index.size).toBe(model.size);
      expect(Array.from({ length: index.size }, (_, i) => index.at(i))).toEqual([...model].sort());
    }),
  );
});

function indexOf(all: readonly string[]): KeyIndex {
  const index = new KeyIndex();
  for (const key of all) index.load(key);
  return index;
}

/** By definition, without an index. */
function foldAll(all: readonly string[], prefix: string, delimiter: string): string[] {
  const names = all
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const fold = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return fold < 0 ? key : key.slice(0, fold + delimiter.length);
    });
  return [...new Set(names)].sort();
}
