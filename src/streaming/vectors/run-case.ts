import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cell, type Column, cellOf, isNull, type Table } from "../../core/table.ts";
import { columnFromCells } from "../../core/table-build.ts";
import { INT64, STRING } from "../attribute.ts";
import { numbersOf } from "../evaluate.ts";
import { fromDoubles } from "../micros.ts";
import type { QueryProgress } from "../query/progress.ts";
import type { StreamingQuery } from "../query/query.ts";
import { StreamingRefusal } from "../refusal.ts";
import { foreachBatchSink } from "../sinks/memory.ts";
import { type MemorySource, memorySource } from "../sources/memory.ts";
import type { StreamSource } from "../sources/source.ts";
import { buildStream, CASE_FIELDS } from "./build-stream.ts";
import type { VectorBatch, VectorCase, VectorPhase, VectorRefusal, VectorRow } from "./case.ts";

/** What a case did on our engine, in the vectors' own form. */
export interface CaseOutcome {
  readonly batches: readonly VectorBatch[];
  readonly refused: VectorRefusal | undefined;
  readonly stops: readonly { readonly phase: number; readonly condition: string }[];
}

class PlannedCrash extends Error {}

/** Runs a case from its feeds; errors that are no refusal and no planned crash are thrown. */
export async function runCase(given: VectorCase): Promise<CaseOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "taller-vector-"));
  try {
    return await runPhases(given, join(folder, "checkpoint"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runPhases(given: VectorCase, checkpoint: string): Promise<CaseOutcome> {
  const memory = new Map(given.sources.map((name) => [name, memorySource(CASE_FIELDS)]));
  const phases: readonly VectorPhase[] = given.phases ?? [
    { trigger: given.trigger, feeds: given.feeds.map((_, i) => i) },
  ];
  const batches: VectorBatch[] = [];
  const stops: { phase: number; condition: string }[] = [];
  for (const [number, phase] of phases.entries()) {
    const run = new PhaseRun({ given, phase, memory, checkpoint });
    const mark = given.phases === undefined ? {} : { phase: number };
    try {
      await run.run();
    } catch (error) {
      if (error instanceof PlannedCrash) stops.push({ phase: number, condition: "crash" });
      else if (!(error instanceof StreamingRefusal)) throw error;
      else if (given.phases === undefined)
        return { batches, stops, refused: { stage: error.stage, condition: error.condition } };
      else stops.push({ phase: number, condition: error.condition });
    }
    batches.push(...run.batches.map((batch) => ({ ...mark, ...batch })));
  }
  return { batches, refused: undefined, stops };
}

/** One start, or one per feed, of a case's query. */
class PhaseRun {
  readonly batches: VectorBatch[] = [];
  private readonly given: VectorCase;
  private readonly phase: VectorPhase;
  private readonly memory: ReadonlyMap<string, MemorySource>;
  private readonly checkpoint: string;
  private rows: VectorRow[] = [];

  constructor(parts: {
    readonly given: VectorCase;
    readonly phase: VectorPhase;
    readonly memory: ReadonlyMap<string, MemorySource>;
    readonly checkpoint: string;
  }) {
    this.given = parts.given;
    this.phase = parts.phase;
    this.memory = parts.memory;
    this.checkpoint = parts.checkpoint;
  }

  async run(): Promise<void> {
    const { trigger, feeds } = this.phase;
    if (trigger === "idle") {
      const query = this.start({});
      try {
        if (feeds.length === 0) await query.processAllAvailable();
        for (const feed of feeds) {
          this.add(feed, false);
          await query.processAllAvailable();
        }
      } finally {
        await query.stop();
      }
    } else if (trigger === "backlog" || trigger === "backlogAvailableNow") {
      for (const feed of feeds) this.add(feed, true);
      const query = this.start(trigger === "backlog" ? {} : { availableNow: true });
      try {
        if (trigger === "backlog") await query.processAllAvailable();
        else await query.awaitTermination();
      } finally {
        await query.stop();
      }
    } else {
      const options = trigger === "once" ? { once: true as const } : { availableNow: true as const };
      if (feeds.length === 0) await this.start(options).awaitTermination();
      for (const feed of feeds) {
        this.add(feed, false);
        await this.start(options).awaitTermination();
      }
    }
  }

  /** `isWhole`: every source gets its part, if only an empty one. */
  private add(feed: number, isWhole: boolean): void {
    const rows = this.given.feeds[feed] ?? [];
    const [first] = this.given.sources;
    for (const [name, source] of this.memory) {
      const own = rows.filter((row) => (row.src ?? first) === name);
      if (own.length > 0 || isWhole || rows.length === 0) source.add(feedTable(own));
    }
  }

  private start(trigger: { once?: true; availableNow?: true }): StreamingQuery {
    const { given, phase } = this;
    const isLimited = phase.trigger.startsWith("backlog");
    const sources = new Map([...this.memory].map(([name, source]) => [name, limited(source, isLimited)]));
    const stream = buildStream(phase.plan ?? given.plan, sources, given.static);
    return stream.writeStream
      .outputMode(phase.mode ?? given.mode)
      .trigger(trigger)
      .checkpointLocation(this.checkpoint)
      .settings({
        watermarkPolicy: phase.watermarkPolicy ?? given.watermarkPolicy,
        noDataBatches: phase.noDataBatches ?? given.noDataBatches,
        onProgress: (progress) => this.batches.push(batchOf(progress, this.rows)),
      })
      .to(foreachBatchSink((table, batchId) => this.write(table, batchId)))
      .start();
  }

  private write(table: Table, batchId: number): void {
    const { crash } = this.phase;
    const crashed = { batchId, crashed: true, inputRows: null, noData: null, watermark: null, state: [] };
    if (crash?.batch === batchId && crash.when === "beforeSink") {
      this.batches.push({ ...crashed, rows: null });
      throw new PlannedCrash("before the sink");
    }
    this.rows = rowsOfTable(table);
    if (crash?.batch === batchId) {
      this.batches.push({ ...crashed, rows: this.rows });
      throw new PlannedCrash("after the sink");
    }
  }
}

/** The source with its feeds one a batch, or as many as there are. */
function limited(source: MemorySource, isLimited: boolean): StreamSource {
  return {
    ...source,
    latestOffset: async (start, isUnlimited) => {
      const all = await source.latestOffset(start, true);
      if (all === undefined || isUnlimited || !isLimited) return all;
      const next = start === undefined ? 0 : Number(start) + 1;
      return String(Math.min(next, Number(all)));
    },
  };
}

function feedTable(rows: readonly VectorRow[]): Table {
  const cells = (name: string): Cell[] =>
    rows.map((row) => {
      const value = row[name] ?? null;
      return typeof value === "object" ? null : value;
    });
  const micros = cells("ts").map((value) => (typeof value === "number" ? Math.round(value * 1e6) : null));
  const validity = Uint8Array.from(micros, (value) => (value === null ? 0 : 1));
  const times: Column = {
    kind: "timestamp",
    values: fromDoubles(Float64Array.from(micros, (value) => value ?? 0)),
    ...(validity.includes(0) ? { validity } : {}),
  };
  return {
    fields: CASE_FIELDS,
    columns: [
      times,
      columnFromCells({ name: "key", type: STRING, nullable: true }, cells("key")),
      columnFromCells({ name: "value", type: INT64, nullable: true }, cells("value")),
    ],
    rowCount: rows.length,
  };
}

function batchOf(progress: QueryProgress, rows: VectorRow[]): VectorBatch {
  return {
    batchId: progress.batchId,
    inputRows: progress.numInputRows,
    noData: !progress.isDataBatch,
    watermark: progress.watermarkMs === undefined ? null : progress.watermarkMs / 1000,
    rows,
    state: progress.stateOperators.map((one) => ({
      rows: one.numRowsTotal,
      updated: one.numRowsUpdated,
      removed: one.numRowsRemoved,
      droppedByWatermark: one.numRowsDroppedByWatermark,
    })),
  };
}

/** A result's rows: times in seconds, a window as `{ start, end }`. */
function rowsOfTable(table: Table): VectorRow[] {
  const rows: Record<string, VectorRow[string]>[] = Array.from({ length: table.rowCount }, () => ({}));
  table.fields.forEach((field, i) => {
    const column = table.columns[i];
    if (column === undefined) return;
    const times = column.kind === "timestamp" ? numbersOf(column) : undefined;
    const [, window, part] = /^(.+)\.(start|end)$/.exec(field.name) ?? [];
    rows.forEach((row, at) => {
      const cell = isNull(column, at)
        ? null
        : times === undefined
          ? cellOf(field, column, at)
          : (times[at] ?? 0) / 1e6;
      const value = typeof cell === "bigint" ? Number(cell) : cell;
      if (window === undefined) row[field.name] = value;
      else if (typeof value !== "number") row[window] = null;
      else if (part === "start") row[window] = { start: value, end: 0 };
      else {
        const start = row[window];
        if (typeof start === "object" && start !== null) row[window] = { ...start, end: value };
      }
    });
  });
  return rows;
}
