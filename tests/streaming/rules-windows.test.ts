import { describe, expect, it } from "vitest";
import { counters, play, shown, watermark, windows } from "./play.ts";

const two = { sources: ["a", "b"] };

describe("rule 5: the order in a batch", () => {
  const feeds = [[[1], [6]], [[7]], [[20]]] as const;

  it("append shows a group once, when it is evicted", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], feeds, { trigger: "backlog" });
    expect(shown(outcome, "start", "count")).toEqual([[], [[0, 1]], [], [[5, 2]]]);
  });

  it("update shows touched groups, evicted ones too, also when the value did not change", async () => {
    const group = { op: "group", input: "in", keys: ["key"], aggregates: ["sum(value)"], as: "out" };
    const outcome = await play([group], [[[1, "a", 3]], [[1, "a", 0]]], { mode: "update" });
    expect(shown(outcome, "sum")).toEqual([[3], [3]]);
    const late = await play([watermark(0), windows("w", 5)], [[[9]], [[4]]], {
      mode: "update",
      trigger: "backlog",
    });
    expect(shown(late, "start")).toEqual([[5], [0]]);
    expect(counters(late, "rows")).toEqual([1, 1]);
    expect(counters(late, "removed")).toEqual([0, 1]);
  });

  it("complete shows everything, filters nothing and evicts nothing", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], [[[1]], [[50]], [[1]]], { mode: "complete" });
    expect(shown(outcome, "start", "count").at(-1)).toEqual([
      [0, 2],
      [50, 1],
    ]);
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 0]);
  });

  it("the first row of a key wins, and an expired key still suppresses in the batch that evicts it", async () => {
    const dedup = { op: "dropDuplicates", input: "w", columns: ["key"], withinWatermark: true, as: "out" };
    const outcome = await play(
      [watermark(2), dedup],
      [
        [
          [1, "a", 1],
          [1, "a", 2],
        ],
        [[30, "b"]],
        [[29, "a"]],
      ],
      {
        trigger: "backlog",
      },
    );
    expect(shown(outcome, "key", "value")).toEqual([[["a", 1]], [["b", null]], []]);
    expect(counters(outcome, "removed")).toEqual([0, 0, 1]);
  });

  it("without the event time among its columns late rows are dropped and state is kept for ever", async () => {
    const dedup = { op: "dropDuplicates", input: "w", columns: ["key"], as: "out" };
    const outcome = await play([watermark(0), dedup], [[[1, "a"]], [[50, "b"]], [[2, "c"]], [[90, "a"]]]);
    expect(shown(outcome, "key").flat()).toEqual(["a", "b"]);
    expect(counters(outcome, "droppedByWatermark").reduce((a, b) => (a ?? 0) + (b ?? 0))).toBe(1);
    expect(counters(outcome, "rows").at(-1)).toBe(2);
  });

  it("a global aggregate shows a row in every data batch", async () => {
    const group = { op: "group", input: "in", keys: [], aggregates: ["count(*)"], as: "out" };
    const outcome = await play([group], [[], [[1]], []], { mode: "update" });
    expect(shown(outcome, "count")).toEqual([[0], [1], [1]]);
  });
});

describe("rule 7: sliding windows", () => {
  const sliding = windows("w", 10, { kind: "sliding", slide: 5 });

  it("a row can be late for one window and in time for another; groups are counted, not rows", async () => {
    const outcome = await play([watermark(0), sliding], [[[17]], [[14], [13], [12]]], { trigger: "backlog" });
    // In batch 1 the threshold is still 0; the empty batch after it has 17.
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0]);
    const idle = await play([watermark(0), sliding], [[[17]], [[14], [13], [12]], [[40]]]);
    expect(counters(idle, "droppedByWatermark")).toEqual([0, 0, 1, 0, 0]);
    expect(shown(idle, "start", "count").at(-1)).toEqual([
      [10, 4],
      [15, 1],
    ]);
  });
});

describe("rule 8: window assignment", () => {
  it("is aligned to 1970-01-01T00:00:00Z plus the start time, half-open, also before 1970", async () => {
    const starts = async (size: number, times: readonly number[], startTime = 0): Promise<unknown> =>
      shown(
        await play([windows("in", size, { startTime })], [times.map((ts) => [ts] as const)], {
          mode: "update",
        }),
        "start",
      )[0];
    expect(await starts(5, [0, 4.999999, 5])).toEqual([0, 5]);
    expect(await starts(5, [-0.000001, -5])).toEqual([-5]);
    expect(await starts(5, [1, 2], 2)).toEqual([-3, 2]);
    expect(await starts(5, [2, 3], -2)).toEqual([-2, 3]);
    // 2024-01-17 10:07:30: seven days begin on Thursday the 11th, seven minutes at 10:07.
    expect(await starts(604_800, [1_705_486_050])).toEqual([1_704_931_200]);
    expect(await starts(420, [1_705_486_050])).toEqual([1_705_486_020]);
  });

  it("has ⌈size ÷ slide⌉ windows at most, and fewer where the slide does not divide the size", async () => {
    const sliding = windows("in", 10, { kind: "sliding", slide: 4 });
    expect(shown(await play([sliding], [[[8]]], { mode: "update" }), "start")[0]).toEqual([0, 4, 8]);
    expect(shown(await play([sliding], [[[11]]], { mode: "update" }), "start")[0]).toEqual([4, 8]);
  });

  it("drops rows without a time and does not count them as late", async () => {
    const outcome = await play([watermark(0), windows("w", 5)], [[[null], [7]]]);
    expect(counters(outcome, "droppedByWatermark")[0]).toBe(0);
    expect(counters(outcome, "rows")[0]).toBe(1);
  });
});

const joined = (type: string, more: object = {}): readonly object[] => [
  watermark(0, "a", "wa"),
  watermark(0, "b", "wb"),
  {
    op: "join",
    left: "wa",
    right: "wb",
    type,
    equal: "key",
    rightMinusLeft: [0, 10],
    columns: { l: "left.ts", r: "right.ts" },
    as: "out",
    ...more,
  },
];

describe("rule 9: chains, unions and joins", () => {
  it("the event time of a window is its end − 1 µs", async () => {
    const chain = [
      watermark(0),
      windows("w", 5, { columns: ["window"], names: { window: "w5", "count(*)": "c" }, as: "a1" }),
      windows("a1", 10, { column: "w5", aggregates: ["sum(c)"], names: { "sum(c)": "rows" } }),
    ];
    const outcome = await play(chain, [[[1], [7]], [[30]]]);
    expect(shown(outcome, "start", "rows").at(-1)).toEqual([[0, 2]]);
  });

  it("a union is watermarked only if its first input is; then the late filter applies to all its rows", async () => {
    const plan = (inputs: readonly string[]): readonly object[] => [
      watermark(0, "a", "wa"),
      { op: "union", inputs, as: "u" },
      windows("u", 5),
    ];
    const feeds = [[[30, null, null, "a"]], [[3, null, null, "b"]]] as const;
    const first = await play(plan(["wa", "b"]), feeds, two);
    expect(counters(first, "droppedByWatermark")).toEqual([0, 0, 1]);
    expect((await play(plan(["b", "wa"]), feeds, two)).refused?.stage).toBe("start");
  });

  it("a stored left row leaves at watermark − max − 1 ms, a right row at watermark + min − 1 ms", async () => {
    const feeds = (end: number): readonly (readonly (readonly [number, string, null, string])[])[] => [
      [
        [5, "x", null, "a"],
        [5, "y", null, "b"],
      ],
      [
        [end, "p", null, "a"],
        [end, "q", null, "b"],
      ],
    ];
    const rows = async (end: number): Promise<unknown> =>
      counters(await play(joined("inner"), feeds(end), two), "rows").at(-1);
    expect(await rows(5.0005)).toBe(4);
    expect(await rows(5.001)).toBe(3);
    expect(await rows(15)).toBe(3);
    expect(await rows(15.001)).toBe(2);
  });

  it("an unmatched row of the outer side is shown when it leaves", async () => {
    const feeds = [
      [
        [1, "x", null, "a"],
        [1, "y", null, "b"],
      ],
      [
        [40, "x", null, "a"],
        [40, "y", null, "b"],
      ],
    ] as const;
    const last = async (type: string): Promise<unknown> =>
      shown(await play(joined(type), feeds, two), "l", "r").at(-1);
    expect(await last("inner")).toEqual([]);
    expect(await last("left")).toEqual([[1, null]]);
    expect(await last("right")).toEqual([[null, 1]]);
    expect(await last("full")).toEqual([
      [1, null],
      [null, 1],
    ]);
  });

  it("a row without key or time is not stored on a side whose unmatched rows are not shown", async () => {
    const feeds = [
      [
        [1, null, null, "a"],
        [null, "x", null, "a"],
        [1, null, null, "b"],
        [null, "x", null, "b"],
      ],
    ] as const;
    const stored = async (type: string): Promise<unknown> =>
      counters(await play(joined(type), feeds, two), "rows")[0];
    expect(await stored("inner")).toBe(0);
    expect(await stored("left")).toBe(2);
    expect(await stored("full")).toBe(4);
  });
});

describe("rule 10: session windows", () => {
  const session = windows("w", 0, { kind: "session", gap: 5, keys: ["key"], columns: ["start", "end"] });

  it("are [ts, ts + gap), merged when they overlap or touch", async () => {
    const outcome = await play(
      [watermark(50), session],
      [[[0, "a"]], [[5, "a"]], [[10.001, "a"]], [[90, "b"]]],
    );
    expect(shown(outcome, "start", "end", "count").at(-1)).toEqual([
      [0, 10, 2],
      [10.001, 15.001, 1],
    ]);
  });

  it("the late test is on the row's own session, so a row inside an open one can be dropped", async () => {
    const outcome = await play(
      [watermark(0), session],
      [
        [
          [1, "a"],
          [5, "a"],
          [9, "a"],
        ],
        [[2, "a"]],
      ],
    );
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 1]);
  });

  it("late rows of one key and one time are counted once", async () => {
    const late = [
      [1, "a"],
      [1, "a"],
      [1, "b"],
      [2, "a"],
    ] as const;
    const outcome = await play([watermark(0), session], [[[60, "z"]], late]);
    expect(counters(outcome, "droppedByWatermark").at(-1)).toBe(3);
  });

  it("late rows are dropped in complete mode too, unlike in other aggregations", async () => {
    const outcome = await play([watermark(0), session], [[[60, "z"]], [[61, "z"]], [[1, "a"]]], {
      mode: "complete",
    });
    expect(counters(outcome, "droppedByWatermark")).toEqual([0, 0, 1]);
  });

  it("`updated` counts all sessions of a touched key, `removed` the starts that vanished and the evicted", async () => {
    const outcome = await play(
      [watermark(100), session],
      [
        [
          [0, "a"],
          [20, "a"],
        ],
        [[40, "a"]],
        [[16, "a"]],
      ],
    );
    expect(counters(outcome, "updated")).toEqual([2, 3, 3]);
    expect(counters(outcome, "removed")).toEqual([0, 0, 1]);
  });

  it("need another key, or the query dies while it runs; have no update mode", async () => {
    const alone = windows("w", 0, { kind: "session", gap: 5 });
    expect((await play([watermark(0), alone], [[[1]]])).refused?.stage).toBe("run");
    expect((await play([watermark(0), session], [[[1]]], { mode: "update" })).refused?.stage).toBe("start");
  });
});

describe("rule 19: filters and the watermark", () => {
  const filtered = (where: object): readonly object[] => [
    watermark(0),
    { op: "filter", input: "w", where, as: "f" },
    windows("f", 5, { keys: ["key"] }),
  ];
  const last = async (plan: readonly object[]): Promise<unknown> =>
    (await play(plan, [[[1, "a"]], [[50, "b"]], [[51, "a"]]])).batches[2]?.watermark;

  it("a filter that does not touch the event time moves below withWatermark: its rows do not advance it", async () => {
    expect(await last(filtered({ column: "key", equals: "a" }))).toBe(1);
  });

  it("a filter on the event time stays above; a conjunction is split", async () => {
    expect(await last(filtered({ column: "ts", notEquals: 50 }))).toBe(1);
    const rows = await play(
      filtered({
        and: [
          { column: "ts", notEquals: 50 },
          { column: "key", equals: "b" },
        ],
      }),
      [[[1, "a"]], [[50, "b"]]],
    );
    expect(rows.batches.map((batch) => batch.watermark)).toEqual([0, 0, 50]);
  });

  it("a filter on grouping keys moves below the aggregation and the watermark", async () => {
    const plan = [
      watermark(0),
      windows("w", 5, { keys: ["key"], as: "g" }),
      { op: "filter", input: "g", where: { column: "key", equals: "a" }, as: "out" },
    ];
    expect(await last(plan)).toBe(1);
    expect(
      counters(
        await play(plan, [
          [
            [1, "a"],
            [1, "b"],
          ],
        ]),
        "rows",
      )[0],
    ).toBe(1);
  });
});
