import { describe, expect, it } from "vitest";
import { counters, play, shown, watermark, watermarks, windows } from "./play.ts";

const two = { sources: ["a", "b"] };
const bothWatermarked = [watermark(0, "a", "wa"), watermark(5, "b", "wb")];
const united = [...bothWatermarked, { op: "union", inputs: ["wa", "wb"], as: "u" }, windows("u", 5)];

describe("rule 1: the watermark of an operator and of the query", () => {
  it("is the greatest event time minus the delay, floored to milliseconds, and never goes back", async () => {
    const outcome = await play([watermark(2), windows("w", 5)], [[[10.0007]], [[3]], [[20]]]);
    expect(watermarks(outcome)).toEqual([0, 8, 8, 8, 18]);
  });

  it("is never below 0", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], [[[-30]], [[-20]]]);
    expect(watermarks(outcome)).toEqual([0, 0]);
  });

  it("is the least of the operators', and an operator that has seen nothing counts as 0", async () => {
    const outcome = await play(united, [[[30, null, null, "a"]], [[12, null, null, "b"]]], two);
    expect(watermarks(outcome)).toEqual([0, 0, 7]);
  });

  it("is the greatest with policy max, which comes from the checkpoint after a restart", async () => {
    const phases = [
      { trigger: "idle", feeds: [0], watermarkPolicy: "max" },
      { trigger: "idle", feeds: [1], watermarkPolicy: "min" },
    ];
    const feeds = [[[30, null, null, "a"]], [[60, null, null, "a"]]] as const;
    expect(watermarks(await play(united, feeds, { ...two, phases }))).toEqual([0, 30, 30, 60]);
  });

  it("after a restart every operator starts from nothing", async () => {
    const phases = [
      { trigger: "idle", feeds: [0] },
      { trigger: "idle", feeds: [1, 2] },
    ];
    const feeds = [
      [
        [30, null, null, "a"],
        [30, null, null, "b"],
      ],
      [[60, null, null, "b"]],
      [[40, null, null, "a"]],
    ] as const;
    expect(watermarks(await play(united, feeds, { ...two, phases }))).toEqual([0, 25, 25, 25, 40]);
  });
});

describe("rule 2: timing", () => {
  it("a watermark computed after a batch is used in the next one", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], [[[7]], [[20]]], { trigger: "backlog" });
    expect(watermarks(outcome)).toEqual([0, 7, 20]);
    expect(shown(outcome, "start")).toEqual([[], [], [5]]);
  });
});

describe("rule 3: two thresholds", () => {
  it("evicts by this batch's watermark and filters by that of the batch before", async () => {
    const outcome = await play([watermark(10), windows("w", 5)], [[[10], [14]], [[25]], [[10]]], {
      trigger: "backlog",
    });
    expect(shown(outcome, "start", "count")).toEqual([[], [], [[10, 3]]]);
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 0]);
  });

  it("takes the earlier one from offsets/N−1 over a restart", async () => {
    const phases = [
      { trigger: "backlog", feeds: [0, 1] },
      { trigger: "backlog", feeds: [2] },
    ];
    const outcome = await play([watermark(0), windows("w", 5)], [[[7]], [[30]], [[6]]], { phases });
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 0, 1]);
  });

  it("lowers both downstream of a time-interval join", async () => {
    const plan = [
      watermark(0, "a", "wa"),
      watermark(0, "b", "wb"),
      {
        op: "join",
        left: "wa",
        right: "wb",
        type: "inner",
        equal: "key",
        rightMinusLeft: [0, 10],
        columns: { ts: "left.ts" },
        as: "j",
      },
      windows("j", 5),
    ];
    const feeds = [
      [
        [1, "x", null, "a"],
        [1, "x", null, "b"],
      ],
      [
        [15, "x", null, "a"],
        [15, "x", null, "b"],
      ],
      [
        [16, "y", null, "a"],
        [16.5, "y", null, "b"],
      ],
    ] as const;
    const outcome = await play(plan, feeds, two);
    // 16 − 10 − 0.001 is the first threshold past the window [0, 5).
    expect(watermarks(outcome)).toEqual([0, 1, 1, 15, 15, 16]);
    expect(shown(outcome, "start")).toEqual([[], [], [], [], [], [0]]);
  });
});

describe("rule 4: what is late and what is over", () => {
  it("is a window whose end is at or before the threshold", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], [[[1]], [[5]], [[4.9]]]);
    expect(shown(outcome, "start")).toEqual([[], [], [], [0], []]);
    expect(counters(outcome, "droppedByWatermark").at(-1)).toBe(1);
  });

  it("a row older than the watermark counts while its window is open", async () => {
    const outcome = await play([watermark(0), windows("w", 10)], [[[8]], [[1]], [[30]]]);
    expect(shown(outcome, "start", "count").at(-1)).toEqual([[0, 2]]);
  });

  it("is a bare event time at or before the threshold", async () => {
    const group = { op: "group", input: "w", keys: ["ts"], aggregates: ["count(*)"], as: "out" };
    const outcome = await play([watermark(0), group], [[[10]], [[10]], [[10.001]]]);
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 1, 0, 0]);
  });

  it("the first batch's threshold is 0: windows up to 1970 are late at once", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], [[[-3], [-5], [0]]]);
    expect(counters(outcome, "droppedByWatermark")[0]).toBe(1);
    expect(counters(outcome, "rows")[0]).toBe(1);
  });
});

describe("rule 6: batches without data", () => {
  const feeds = [[[1]], [[20]]] as const;

  it("one runs when the watermark moved, in append and in update, with an id of its own", async () => {
    for (const mode of ["append", "update"] as const) {
      const outcome = await play([watermark(0), windows("w", 5)], feeds, { mode });
      expect(outcome.batches.map((batch) => [batch.batchId, batch.noData])).toEqual([
        [0, false],
        [1, true],
        [2, false],
        [3, true],
      ]);
    }
  });

  it("none runs in complete, without a stateful operator, or when they are turned off", async () => {
    const isData = async (more: Parameters<typeof play>[2], plan: readonly object[]): Promise<unknown[]> =>
      (await play(plan, feeds, more)).batches.map((batch) => batch.noData);
    expect(await isData({ mode: "complete" }, [watermark(0), windows("w", 5)])).toEqual([false, false]);
    expect(await isData({}, [watermark(0)])).toEqual([false, false]);
    expect(await isData({ noDataBatches: false }, [watermark(0), windows("w", 5)])).toEqual([false, false]);
  });

  it("AvailableNow runs a final one, Once runs none, and one owed at a stop is not made up", async () => {
    const ids = async (trigger: "availableNow" | "once"): Promise<unknown[]> =>
      (await play([watermark(0), windows("w", 5)], feeds, { trigger })).batches.map((batch) => batch.noData);
    expect(await ids("availableNow")).toEqual([false, true, false, true]);
    expect(await ids("once")).toEqual([false, false]);
  });

  it("one that was planned before a crash is replayed", async () => {
    const phases = [
      { trigger: "idle", feeds: [0], crash: { batch: 1, when: "beforeSink" } },
      { trigger: "idle", feeds: [] },
    ];
    const outcome = await play([watermark(0), windows("w", 1)], [[[5]]], { phases });
    expect(outcome.batches.map((batch) => [batch.batchId, batch.noData])).toEqual([
      [0, false],
      [1, null],
      [1, true],
    ]);
  });
});

describe("rule 12: the guarantee is one-way", () => {
  it("a row within the delay is never dropped, a later one may still be counted", async () => {
    const outcome = await play([watermark(10), windows("w", 5)], [[[30]], [[21]], [[19]], [[40]]]);
    // 21 is within the delay of 30; 19 is not, and its window [15, 20) is over. Rule 4 has a late row that counts.
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 0, 1, 0, 0]);
    expect(shown(outcome, "start", "count").at(-1)).toEqual([[20, 1]]);
  });
});
