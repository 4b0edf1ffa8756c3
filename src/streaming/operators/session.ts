import type { Column, Field, Table } from "../../core/table.ts";
import { type Attribute, attributeNamed, fieldsOfAttributes, TIMESTAMP } from "../attribute.ts";
import type { OutputMode } from "../check-plan.ts";
import { fromDoubles } from "../micros.ts";
import { attributesOf, type Grouping, type PlanOf } from "../plan.ts";
import { StreamingRefusal } from "../refusal.ts";
import { RowReader, RowWriter } from "../state/row-bytes.ts";
import { hashBytes, IntList, NumberColumn, StateSlots } from "../state/slots.ts";
import type { Accumulator } from "./accumulator-state.ts";
import { accumulatorOf } from "./accumulators.ts";
import { NOTHING } from "./aggregate.ts";
import { codesOfColumns, columnsOfAttribute, instantsOf, writeColumns } from "./key-columns.ts";
import type { BatchContext, OperatorCounts, StatefulOperator, StateSchema } from "./operator.ts";

type SessionGrouping = Extract<Grouping, { readonly kind: "session" }>;

/**
 * Session windows: rule 10. A row opens [ts, ts + gap); sessions of a key that overlap or touch are one. A key's
 * sessions are the chain of its slots. [SessionWindowStateStoreSaveExec, MergingSortWithSessionWindowStateIterator]
 */
export class SessionOperator implements StatefulOperator {
  readonly schema: StateSchema;
  readonly stores: readonly { readonly name: string; readonly slots: StateSlots }[];
  private readonly session: SessionGrouping;
  private readonly plan: PlanOf<"aggregate">;
  private readonly input: readonly Attribute[];
  private readonly output: readonly Attribute[];
  private readonly keyFields: readonly Field[];
  private readonly isTimed: boolean;
  private readonly starts = new NumberColumn();
  private readonly ends = new NumberColumn();
  private readonly accumulators: readonly Accumulator[];
  private readonly slots: StateSlots;
  private readonly writer = new RowWriter();
  private latest: OperatorCounts = { ...NOTHING };

  constructor(plan: PlanOf<"aggregate">, session: SessionGrouping) {
    this.plan = plan;
    this.session = session;
    this.input = attributesOf(plan.input);
    this.output = attributesOf(plan);
    const keys = this.output.slice(0, plan.keys.length).filter((_, i) => plan.keys[i] !== session);
    if (keys.length === 0) throw sessionWithoutKey();
    this.keyFields = fieldsOfAttributes(keys);
    this.isTimed = this.output
      .slice(0, plan.keys.length)
      .some((key) => key.isSession && key.delayMs !== undefined);
    this.accumulators = plan.aggregates.map((aggregate) => {
      const type =
        aggregate.column === undefined ? undefined : attributeNamed(this.input, aggregate.column).type;
      return accumulatorOf(aggregate, type?.kind === "window" ? TIMESTAMP : type);
    });
    this.slots = new StateSlots({
      isMulti: true,
      columns: [this.starts, this.ends, ...this.accumulators.flatMap((accumulator) => accumulator.columns)],
    });
    this.stores = [{ name: "default", slots: this.slots }];
    this.schema = {
      operator: "sessionWindowStateStoreSaveExec",
      key: [...keys.map((key) => key.type.kind), "timestamp"],
      value: ["window", ...this.accumulators.flatMap((accumulator) => accumulator.types)],
    };
  }

  readonly wantsNoDataBatch = (mode: OutputMode): boolean => mode !== "complete";

  run(inputs: readonly Table[], context: BatchContext): Table {
    const [table] = inputs;
    if (table === undefined) throw new RangeError("a session window reads one table");
    const columns = this.plan.keys
      .filter((key) => key !== this.session)
      .flatMap((key) => columnsOfAttribute(table, attributeNamed(this.input, key.column)));
    const { codes } = codesOfColumns(columns, table.rowCount);
    const { rows, starts, late, lateGroups } = this.rowsInTime(table, context, codes);
    const grouped = {
      entries: rows.length,
      rows,
      groups: Int32Array.from(rows, (_, i) => i),
      count: rows.length,
      firstRows: rows,
      starts: undefined,
    };
    for (const accumulator of this.accumulators) accumulator.gather(table, grouped);
    const merged = this.mergeKeys({ columns, codes, rows, starts });
    const over =
      this.isTimed && context.mode !== "complete" ? this.slotsOver(context.evictUs) : new Int32Array(0);
    const result = this.tableOf(context.mode === "append" ? over : this.slots.live());
    for (const slot of over) this.slots.remove(slot);
    this.latest = {
      rows: this.slots.count,
      updated: merged.sessions,
      removed: merged.vanished + over.length,
      droppedByWatermark: lateGroups,
      lateRows: late,
      duplicates: 0,
      stateBytes: this.slots.sizeBytes,
    };
    return result;
  }

  counts(): OperatorCounts {
    return this.latest;
  }

  /**
   * Rows with a time whose own session is not over yet, and how many are late. Rows of one key and one time are
   * one group to Spark, which sums up before it drops: `lateGroups`.
   */
  private rowsInTime(
    table: Table,
    context: BatchContext,
    codes: Int32Array,
  ): { rows: Int32Array; starts: Float64Array; late: number; lateGroups: number } {
    const times = instantsOf(table, this.input, this.session.column);
    const rows = new IntList();
    let late = 0;
    const lateGroups = new Set<string>();
    // Unlike other aggregations, sessions drop late rows in complete mode too: the late filter stands in
    // SessionWindowStateStoreRestoreExec, which knows no mode. Seen on Spark 4.3.0.
    const isFiltered = this.isTimed;
    for (let row = 0; row < table.rowCount && this.session.gapUs > 0; row++) {
      if (times.validity !== undefined && times.validity[row] === 0) continue;
      const time = times.values[row] ?? 0;
      if (isFiltered && time + this.session.gapUs <= context.lateUs) {
        late++;
        lateGroups.add(`${codes[row]} ${time}`);
      } else rows.push(row);
    }
    const kept = Int32Array.from(rows.values());
    const starts = Float64Array.from(kept, (row) => times.values[row] ?? 0);
    return { rows: kept, starts, late, lateGroups: lateGroups.size };
  }

  /**
   * Merges the rows into the sessions of their keys. `sessions`: how many the touched keys have now;
   * `vanished`: stored starts that are no session's start any more.
   */
  private mergeKeys(input: {
    readonly columns: readonly Column[];
    readonly codes: Int32Array;
    readonly rows: Int32Array;
    readonly starts: Float64Array;
  }): { sessions: number; vanished: number } {
    const { columns, codes, rows, starts } = input;
    const entries = Array.from(rows, (_, entry) => entry);
    const codeOf = (entry: number): number => codes[rows[entry] ?? 0] ?? 0;
    entries.sort((a, b) => codeOf(a) - codeOf(b) || (starts[a] ?? 0) - (starts[b] ?? 0));
    let sessions = 0;
    let vanished = 0;
    for (let from = 0; from < entries.length; ) {
      const code = codeOf(entries[from] ?? 0);
      let to = from + 1;
      while (to < entries.length && codeOf(entries[to] ?? 0) === code) to++;
      this.writer.clear();
      writeColumns(this.writer, columns, rows[entries[from] ?? 0] ?? 0);
      const counts = this.mergeKey(entries.slice(from, to), starts);
      sessions += counts.sessions;
      vanished += counts.vanished;
      from = to;
    }
    return { sessions, vanished };
  }

  /** One key, whose bytes are in the writer: its stored sessions and the batch's rows, by start. */
  private mergeKey(
    entries: readonly number[],
    rowStarts: Float64Array,
  ): { sessions: number; vanished: number } {
    const { bytes, length } = this.writer;
    const hash = hashBytes(bytes, 0, length);
    const parts: SessionPart[] = entries.map((entry) => {
      const start = rowStarts[entry] ?? 0;
      return { start, end: start + this.session.gapUs, entry, slot: -1 };
    });
    for (let slot = this.slots.find(bytes, length, hash); slot >= 0; slot = this.slots.nextOf(slot))
      parts.push({ start: this.starts.values[slot] ?? 0, end: this.ends.values[slot] ?? 0, entry: -1, slot });
    // A stored session comes before a row of the same start: it keeps its slot.
    parts.sort((a, b) => a.start - b.start || b.slot - a.slot);
    let sessions = 0;
    let vanished = 0;
    for (let from = 0; from < parts.length; ) {
      let end = parts[from]?.end ?? 0;
      let to = from + 1;
      while (to < parts.length && (parts[to]?.start ?? 0) <= end) end = Math.max(end, parts[to++]?.end ?? 0);
      vanished += this.keepSession(parts.slice(from, to), end, hash);
      sessions++;
      from = to;
    }
    return { sessions, vanished };
  }

  /** Parts that are one session now; gives how many stored starts went. */
  private keepSession(parts: readonly SessionPart[], end: number, hash: number): number {
    const [first] = parts;
    if (first === undefined || (parts.length === 1 && first.slot >= 0)) return 0;
    const { bytes, length } = this.writer;
    const slot = first.slot >= 0 ? first.slot : this.slots.insert(bytes, length, length, hash);
    this.starts.values[slot] = first.start;
    this.ends.values[slot] = end;
    this.slots.touch(slot);
    let vanished = 0;
    for (const part of parts) {
      if (part.entry >= 0) for (const accumulator of this.accumulators) accumulator.merge(part.entry, slot);
      if (part.slot < 0 || part.slot === slot) continue;
      for (const accumulator of this.accumulators) accumulator.mergeSlots(part.slot, slot);
      this.slots.remove(part.slot);
      vanished++;
    }
    return vanished;
  }

  private slotsOver(evictUs: number): Int32Array {
    const over = new IntList();
    const { isLive, end } = this.slots;
    for (let slot = 0; slot < end; slot++)
      if (isLive[slot] === 1 && (this.ends.values[slot] ?? 0) <= evictUs) over.push(slot);
    return over.values();
  }

  private tableOf(slots: Int32Array): Table {
    const reader = new RowReader(this.keyFields, slots.length);
    const { arena, offsets } = this.slots;
    for (const slot of slots) reader.read(arena, offsets[slot] ?? 0);
    const keys = reader.table();
    const edges = [this.starts, this.ends].map((column) => ({
      kind: "timestamp" as const,
      values: fromDoubles(Float64Array.from(slots, (slot) => column.values[slot] ?? 0)),
    }));
    let next = 0;
    const keyColumns = this.plan.keys.flatMap((key, i): readonly Column[] => {
      if (key === this.session) return edges;
      const width = this.output[i]?.type.kind === "window" ? 2 : 1;
      next += width;
      return keys.columns.slice(next - width, next);
    });
    return {
      fields: fieldsOfAttributes(this.output),
      columns: [...keyColumns, ...this.accumulators.map((accumulator) => accumulator.output(slots))],
      rowCount: slots.length,
    };
  }
}

/** A stored session (its slot) or a row of the batch (its entry). Microseconds. */
interface SessionPart {
  readonly start: number;
  readonly end: number;
  readonly entry: number;
  readonly slot: number;
}

function sessionWithoutKey(): StreamingRefusal {
  return new StreamingRefusal({
    stage: "run",
    condition: "_LEGACY_ERROR_TEMP_3068",
    rule: 10,
    code: "session-without-key",
    what: {
      es: "Una ventana de sesión agrupa además por otra columna: las sesiones son de alguien.",
      en: "A session window groups by another column too: sessions are somebody's.",
    },
  });
}
