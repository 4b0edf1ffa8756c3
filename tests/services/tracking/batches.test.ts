import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Batch, cutIntoBatches } from "../../../src/services/tracking/batches.ts";

const metric = (step: number) => ({ key: "loss", value: step / 2, timestamp: 1, step });
const pair = (index: number) => ({ key: `p${index}`, value: "v" });

describe("cutting what is to be logged into log-batch calls", () => {
  test("nothing to log makes no call", () => {
    expect([...cutIntoBatches({ metrics: [], params: [], tags: [] })]).toEqual([]);
  });

  test("every call holds at most 1,000 metrics, 100 params, 100 tags and 1,000 entities", () => {
    const all: Batch = {
      metrics: Array.from({ length: 2_345 }, (_, index) => metric(index)),
      params: Array.from({ length: 250 }, (_, index) => pair(index)),
      tags: Array.from({ length: 130 }, (_, index) => pair(index)),
    };
    const batches = [...cutIntoBatches(all)];
    for (const { metrics, params, tags } of batches) {
      expect(metrics.length).toBeLessThanOrEqual(1_000);
      expect(params.length).toBeLessThanOrEqual(100);
      expect(tags.length).toBeLessThanOrEqual(100);
      expect(metrics.length + params.length + tags.length).toBeLessThanOrEqual(1_000);
    }
    expect(joined(batches)).toEqual(all);
  });

  test("long values are cut by bytes: no call's JSON passes 1 MB", () => {
    const all: Batch = {
      metrics: [],
      params: Array.from({ length: 90 }, (_, index) => ({ key: `p${index}`, value: "ñ".repeat(6_000) })),
      tags: Array.from({ length: 90 }, (_, index) => ({ key: `t${index}`, value: "ñ".repeat(8_000) })),
    };
    const batches = [...cutIntoBatches(all)];
    expect(Math.max(...batches.map((batch) => Buffer.byteLength(JSON.stringify(batch))))).toBeLessThan(1e6);
    expect(joined(batches)).toEqual(all);
  });

  test("whatever is logged goes out once and in order", () => {
    const counts = fc.record({
      metrics: fc.nat(2_200),
      params: fc.nat(320),
      tags: fc.nat(320),
    });
    fc.assert(
      fc.property(counts, ({ metrics, params, tags }) => {
        const all: Batch = {
          metrics: Array.from({ length: metrics }, (_, index) => metric(index)),
          params: Array.from({ length: params }, (_, index) => pair(index)),
          tags: Array.from({ length: tags }, (_, index) => pair(index)),
        };
        expect(joined([...cutIntoBatches(all)])).toEqual(all);
      }),
      { numRuns: 50 },
    );
  });
});

function joined(batches: readonly Batch[]): Batch {
  return {
    metrics: batches.flatMap((batch) => batch.metrics),
    params: batches.flatMap((batch) => batch.params),
    tags: batches.flatMap((batch) => batch.tags),
  };
}
