import type { Operation, VectorBatch, VectorCase } from "../../src/streaming/vectors/case.ts";
import { vectorCase } from "../../src/streaming/vectors/case.ts";
import { type CaseOutcome, runCase } from "../../src/streaming/vectors/run-case.ts";

/** A row of a feed: event time in seconds, key, value, and the source where there are two. */
export type FeedRow = readonly [ts: number | null, key?: string | null, value?: number | null, src?: string];

/** Runs feeds through a plan, both in the vectors' form. */
export async function play(
  plan: readonly object[],
  feeds: readonly (readonly FeedRow[])[],
  more: Partial<Pick<VectorCase, "mode" | "trigger" | "sources" | "static" | "watermarkPolicy">> & {
    readonly phases?: readonly object[];
    readonly noDataBatches?: boolean;
  } = {},
): Promise<CaseOutcome> {
  return runCase(
    vectorCase.parse({
      name: "played",
      mode: "append",
      trigger: "idle",
      plan,
      feeds: feeds.map((rows) =>
        rows.map(([ts, key = null, value = null, src]) => ({
          ts,
          key,
          value,
          ...(src === undefined ? {} : { src }),
        })),
      ),
      expect: [],
      ...more,
    }),
  );
}

/** The watermark of every batch. */
export function watermarks(outcome: CaseOutcome): (number | null)[] {
  return outcome.batches.map((batch) => batch.watermark);
}

/** One column of every batch's rows, sorted within the batch. */
export function shown(outcome: CaseOutcome, ...columns: readonly string[]): unknown[][] {
  return outcome.batches.map((batch) =>
    (batch.rows ?? [])
      .map((row) => (columns.length === 1 ? row[columns[0] ?? ""] : columns.map((column) => row[column])))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
}

/** A counter of the n-th operator (from the sink upwards) in every batch. */
export function counters(
  outcome: CaseOutcome,
  counter: keyof NonNullable<VectorBatch["state"]>[number],
  operator = 0,
): (number | undefined)[] {
  return outcome.batches.map((batch) => batch.state?.[operator]?.[counter]);
}

export const watermark = (delay: number, input = "in", as = "w"): object => ({
  op: "watermark",
  input,
  column: "ts",
  delay,
  as,
});

/** Tumbling windows; `more` makes them sliding or sessions, names keys and aggregates. */
export const windows = (
  input: string,
  size: number,
  more: Partial<Extract<Operation, { op: "window" }>> = {},
): object => ({
  op: "window",
  input,
  column: "ts",
  kind: "tumbling",
  size,
  aggregates: ["count(*)"],
  columns: ["start"],
  as: "out",
  ...more,
});
