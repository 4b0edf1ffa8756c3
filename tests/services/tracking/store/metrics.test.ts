import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMetricStore } from "../../../../src/services/tracking/embedded/store/metrics.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-metrics-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const point = (key: string, value: number, step = 0, timestamp = 1) => ({ key, value, step, timestamp });

describe("metrics of runs", () => {
  test("a run that has none has no file, and empty answers", async () => {
    const store = openMetricStore(join(folder, "none"));
    expect([...(await store.latest("abcd")).points()]).toEqual([]);
    expect(await store.history("abcd", "m")).toEqual([]);
  });

  test("whatever is logged comes back from the file, doubles bit by bit", async () => {
    const points = fc.array(
      fc.record({
        key: fc.constantFrom("a", "ñ/b", "long key with spaces"),
        value: fc.double(),
        timestamp: fc.nat(),
        step: fc.integer({ min: -5, max: 5 }),
      }),
      { maxLength: 40 },
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(points, { maxLength: 4 }), async (batches) => {
        const run = `run${runs++}`;
        const written = openMetricStore(join(folder, "any"));
        for (const batch of batches) await written.append(run, batch);
        const all = batches.flat();
        const read = openMetricStore(join(folder, "any"));
        for (const key of new Set(all.map((one) => one.key))) {
          const history = await read.history(run, key);
          for (const one of all.filter((other) => other.key === key)) {
            expect(history).toContainEqual({
              ...one,
              value: one.value === 0 ? expect.closeTo(0) : one.value,
            });
          }
          const last = (await read.latest(run)).get(key);
          const steps = all.filter((other) => other.key === key).map(({ step }) => step);
          expect(last?.step).toBe(Math.max(...steps));
          expect((await written.latest(run)).get(key)).toEqual(last);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a file cut at any byte gives whole requests, and takes the next one", async () => {
    const store = openMetricStore(join(folder, "whole"));
    await store.append("r1", [point("a", 1), point("b", 2)]);
    await store.append("r1", [point("a", 3, 1)]);
    await store.append("r1", [point("c", 4), point("a", 5, 2)]);
    const bytes = await readFile(join(folder, "whole", "r1", "r1"));
    const counts = new Set<number>();
    for (let length = 0; length <= bytes.length; length++) {
      const path = join(folder, "cut", "r1", "r1");
      await openMetricStore(join(folder, "cut")).append("r1", [point("x", 0)]);
      await writeFile(path, bytes.subarray(0, length));
      const cut = openMetricStore(join(folder, "cut"));
      const values = (await cut.history("r1", "a")).map(({ value }) => value);
      expect([1, 3, 5].slice(0, values.length)).toEqual(values);
      expect((await cut.latest("r1")).get("c") !== undefined).toBe(values.length === 3);
      counts.add(values.length);
      await cut.append("r1", [point("a", 9, 9), point("new", 7)]);
      const again = openMetricStore(join(folder, "cut"));
      expect((await again.history("r1", "a")).at(-1)).toEqual(point("a", 9, 9));
      expect((await again.latest("r1")).get("new")?.value).toBe(7);
    }
    expect([...counts].sort()).toEqual([0, 1, 2, 3]);
  });

  test("a damaged request with others after it is an error, not silently forgotten", async () => {
    const store = openMetricStore(join(folder, "damaged"));
    for (let step = 0; step < 3; step++) await store.append("r1", [point("a", step, step)]);
    const path = join(folder, "damaged", "r1", "r1");
    const bytes = await readFile(path);
    bytes.writeUInt8((bytes[20] ?? 0) ^ 1, 20);
    await writeFile(path, bytes);
    await expect(openMetricStore(join(folder, "damaged")).latest("r1")).rejects.toThrow(/damaged at byte 0/);
  });

  test("of many runs only some stay in memory, and all answer", async () => {
    const store = openMetricStore(join(folder, "many"), { cachedKeys: 50 });
    const runs = Array.from({ length: 40 }, (_, index) => `r${index}x`);
    await Promise.all(
      runs.map((run, index) =>
        store.append(
          run,
          Array.from({ length: 10 }, (_, key) => point(`k${key}`, index * key)),
        ),
      ),
    );
    for (const [index, run] of runs.entries()) {
      await store.append(run, [point("k3", -index, 1)]);
      const latest = await store.latest(run);
      expect([...latest.points()]).toHaveLength(10);
      expect(latest.get("k3")?.value).toBe(-index);
      expect(await store.history(run, "k3")).toHaveLength(2);
    }
  });

  test("of a run with many metrics the wanted ones are read alone, and it is written on after that", async () => {
    const store = openMetricStore(join(folder, "wanted"));
    await store.append(
      "r1",
      Array.from({ length: 200 }, (_, index) => point(`k${index}`, index)),
    );
    const read = openMetricStore(join(folder, "wanted"));
    expect((await read.latest("r1", new Set(["k150", "none"]))).get("k150")?.value).toBe(150);
    await read.append("r1", [point("k150", 7, 1), point("new", 1)]);
    expect((await read.latest("r1", new Set(["k150"]))).get("k150")?.value).toBe(7);
    const again = openMetricStore(join(folder, "wanted"));
    expect([...(await again.latest("r1")).points()]).toHaveLength(201);
    expect((await again.latest("r1")).get("k199")?.value).toBe(199);
  });

  test("requests at once for one run are all there", async () => {
    const store = openMetricStore(join(folder, "busy"), { cachedKeys: 1 });
    await Promise.all(
      Array.from({ length: 30 }, (_, step) =>
        store.append("r1", [point("a", step, step), point(`k${step}`, 1)]),
      ),
    );
    const read = openMetricStore(join(folder, "busy"));
    expect(await read.history("r1", "a")).toHaveLength(30);
    expect([...(await read.latest("r1")).points()]).toHaveLength(31);
  });

  test("requests larger than what is read at a time are read whole", async () => {
    const store = openMetricStore(join(folder, "large"));
    const batch = Array.from({ length: 60_000 }, (_, step) => point("a", step, step));
    await store.append("r1", batch);
    await store.append(
      "r1",
      batch.map((one) => ({ ...one, key: "b" })),
    );
    const read = openMetricStore(join(folder, "large"));
    expect(await read.history("r1", "b")).toHaveLength(60_000);
    expect((await read.latest("r1")).get("a")?.value).toBe(59_999);
  });
});
