import { describe, expect, it } from "vitest";
import type { DataType } from "../../src/core/table.ts";
import { fieldsOf } from "../../src/core/table-build.ts";
import type { OutputMode } from "../../src/streaming/check-plan.ts";
import {
  count,
  countDistinct,
  type DataStream,
  streamOf,
  sum,
  window,
} from "../../src/streaming/data-stream.ts";
import { StreamingRefusal } from "../../src/streaming/refusal.ts";
import { memorySink } from "../../src/streaming/sinks/memory.ts";
import { memorySource } from "../../src/streaming/sources/memory.ts";

const types: Readonly<Record<string, DataType>> = {
  ts: { kind: "timestamp" },
  key: { kind: "string" },
  value: { kind: "int64" },
};
const stream = (): DataStream => streamOf(memorySource(fieldsOf(types)));
const timed = (): DataStream => stream().withWatermark("ts", "10 seconds");
const select = { lts: "left.ts", key: "left.key", rts: "right.ts" };

/** What a query is refused with when it is built or started. */
async function refusal(
  build: () => DataStream,
  mode: OutputMode = "append",
): Promise<StreamingRefusal | undefined> {
  try {
    await build().writeStream.outputMode(mode).to(memorySink()).start().stop();
    return undefined;
  } catch (error) {
    if (error instanceof StreamingRefusal) return error;
    throw error;
  }
}

const MODE = "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION";
const UNSUPPORTED = "_LEGACY_ERROR_TEMP_3102";

type Refused = readonly [
  what: string,
  build: () => DataStream,
  mode: OutputMode,
  condition: string,
  stage: "build" | "start",
];

const refused: readonly Refused[] = [
  [
    "append without a watermark",
    () => stream().groupBy(window("ts", "5 seconds")).count(),
    "append",
    MODE,
    "start",
  ],
  ["append grouped by a key only", () => timed().groupBy("key").count(), "append", MODE, "start"],
  ["complete without an aggregation", timed, "complete", MODE, "start"],
  ["sorting in append", () => timed().orderBy("ts"), "append", UNSUPPORTED, "start"],
  [
    "sorting in complete without an aggregation below",
    () => timed().orderBy("ts").groupBy("key").count(),
    "complete",
    UNSUPPORTED,
    "start",
  ],
  ["limit in update", () => timed().limit(3), "update", UNSUPPORTED, "start"],
  [
    "two aggregations in update",
    () => stream().groupBy("key").count().groupBy("count").count(),
    "update",
    UNSUPPORTED,
    "start",
  ],
  [
    "two aggregations in complete",
    () => stream().groupBy("key").count().groupBy("count").count(),
    "complete",
    UNSUPPORTED,
    "start",
  ],
  [
    "an aggregation before a join in update",
    () =>
      timed()
        .groupBy("key")
        .count()
        .join(timed(), { on: "key", select: { key: "left.key" } }),
    "update",
    UNSUPPORTED,
    "start",
  ],
  [
    "count(DISTINCT)",
    () => stream().groupBy("value").agg(countDistinct("key")),
    "update",
    UNSUPPORTED,
    "start",
  ],
  [
    "an outer join without a bound",
    () => timed().join(timed(), { type: "left", on: "key", select }),
    "append",
    UNSUPPORTED,
    "start",
  ],
  [
    "an outer join without a watermark on the nullable side",
    () =>
      timed().join(stream(), {
        type: "left",
        on: "key",
        within: { left: "ts", right: "ts", from: 0, to: "1 minute" },
        select,
      }),
    "append",
    UNSUPPORTED,
    "start",
  ],
  [
    "left outer in update",
    () =>
      timed().join(timed(), {
        type: "left",
        on: "key",
        within: { left: "ts", right: "ts", from: 0, to: "1 minute" },
        select,
      }),
    "update",
    UNSUPPORTED,
    "start",
  ],
  [
    "de-duplication within a watermark without one",
    () => stream().dropDuplicatesWithinWatermark(["key"]),
    "append",
    UNSUPPORTED,
    "start",
  ],
  [
    "a watermark on another type",
    () => stream().withWatermark("key", "1 second"),
    "append",
    "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE",
    "build",
  ],
  [
    "a watermark on a missing column",
    () => stream().withWatermark("nope", "1 second"),
    "append",
    "UNRESOLVED_COLUMN.WITH_SUGGESTION",
    "build",
  ],
  ["a function OVER", () => stream().over(), "append", "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "start"],
  [
    "a start time of a slide or more",
    () =>
      stream()
        .groupBy(window("ts", "10 seconds", "5 seconds", "5 seconds"))
        .count(),
    "update",
    "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
    "build",
  ],
  [
    "a slide longer than the window",
    () =>
      stream()
        .groupBy(window("ts", "5 seconds", "10 seconds"))
        .count(),
    "update",
    "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
    "build",
  ],
];

describe("rule 11: refused queries", () => {
  it.each(refused)("%s", async (_, build, mode, condition, stage) => {
    const error = await refusal(build, mode);
    expect(error).toMatchObject({ condition, stage });
    expect(error?.what.en).toMatch(/\(rule \d+; in Spark: /);
    expect(error?.what.es).toMatch(/\(regla \d+; en Spark: /);
  });

  it("a watermark defined twice dies while it runs, once the first one moves", async () => {
    const source = memorySource(fieldsOf(types));
    const twice = streamOf(source).withWatermark("ts", "1 second").withWatermark("ts", "2 seconds");
    const query = twice.groupBy("key").count().writeStream.outputMode("update").to(memorySink()).start();
    await query.processAllAvailable();
    source.add({
      fields: fieldsOf(types),
      columns: [
        { kind: "timestamp", values: BigInt64Array.of(9_000_000n) },
        { kind: "string", values: ["a"] },
        { kind: "int64", values: BigInt64Array.of(1n) },
      ],
      rowCount: 1,
    });
    await expect(query.processAllAvailable()).rejects.toMatchObject({
      stage: "run",
      condition: "_LEGACY_ERROR_TEMP_3076",
    });
    expect(query.isActive).toBe(false);
    await expect(query.awaitTermination()).rejects.toBeInstanceOf(StreamingRefusal);
  });

  const allowed: readonly (readonly [what: string, build: () => DataStream, mode: OutputMode])[] = [
    ["limit in append", () => timed().limit(3), "append"],
    ["DISTINCT in update", () => stream().select("key").distinct(), "update"],
    [
      "de-duplication before an aggregation in update",
      () => timed().dropDuplicates(["key", "ts"]).groupBy("key").count(),
      "update",
    ],
    [
      "an inner join before an aggregation in update",
      () =>
        timed()
          .join(timed(), { on: "key", select: { key: "left.key" } })
          .groupBy("key")
          .agg(count()),
      "update",
    ],
    [
      "sorting an aggregation in complete",
      () => stream().groupBy("key").agg(sum("value")).orderBy("key"),
      "complete",
    ],
    [
      "an outer join with bound and watermarks",
      () =>
        timed().join(timed(), {
          type: "full",
          on: "key",
          within: { left: "ts", right: "ts", from: 0, to: "1 minute" },
          select,
        }),
      "append",
    ],
  ];
  it.each(allowed)("is allowed, though often said to be refused: %s", async (_, build, mode) => {
    expect(await refusal(build, mode)).toBeUndefined();
  });
});
