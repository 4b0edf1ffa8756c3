import fc from "fast-check";
import { expect, test } from "vitest";
import { inOrder } from "../../../src/grading/run/in-order.ts";

test("results come in the items' order, however long each takes, never more at a time than asked", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (s, items, atATime) => {
        let running = 0;
        let most = 0;
        const seen: number[] = [];
        const run = async (item: number) => {
          running++;
          most = Math.max(most, running);
          await s.schedule(Promise.resolve());
          running--;
          return item * 2;
        };
        const all = (async () => {
          for await (const { result } of inOrder(items, { atATime }, run)) seen.push(result);
        })();
        await s.waitFor(all);
        expect(seen).toEqual(items.map((item) => item * 2));
        expect(most).toBeLessThanOrEqual(atATime);
      },
    ),
  );
});

test("who stops early stops what is under way, and does not hear of its failure", async () => {
  let stopped = 0;
  const run = (item: number, signal: AbortSignal) =>
    item === 0
      ? Promise.resolve(item)
      : new Promise<number>((_, reject) => {
          signal.addEventListener("abort", () => {
            stopped++;
            reject(new Error("stopped"));
          });
        });
  for await (const { result } of inOrder([0, 1, 2], { atATime: 2 }, run)) {
    expect(result).toBe(0);
    break;
  }
  expect(stopped).toBeGreaterThan(0);
});

test("a failure is heard in its turn", async () => {
  const run = async (item: number) => {
    if (item === 1) throw new Error("one");
    return item;
  };
  const seen: number[] = [];
  const all = async () => {
    for await (const { result } of inOrder([0, 1, 2], { atATime: 3 }, run)) seen.push(result);
  };
  await expect(all()).rejects.toThrow("one");
  expect(seen).toEqual([0]);
});
