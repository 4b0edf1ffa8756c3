import type { Table } from "../core/table.ts";
import { sliceTable } from "../core/table-build.ts";
import { type Attribute, eventTimesOf } from "./attribute.ts";
import type { OutputMode } from "./check-plan.ts";
import { columnNamed, numbersOf } from "./evaluate.ts";
import { AggregateOperator } from "./operators/aggregate.ts";
import { DeduplicateOperator } from "./operators/deduplicate.ts";
import { evictionOf, JoinOperator } from "./operators/join.ts";
import { LimitOperator } from "./operators/limit.ts";
import type { BatchContext, StatefulOperator } from "./operators/operator.ts";
import { SessionOperator } from "./operators/session.ts";
import { filterRows, projectColumns, StaticJoin, sortRows, uniteRows } from "./operators/stateless.ts";
import { present } from "./optimiser/folding.ts";
import { attributesOf, inputsOf, type Plan, type PlanOf } from "./plan.ts";
import { StreamingRefusal } from "./refusal.ts";

/** Event times that a watermark operator saw in a batch, milliseconds floored. */
export interface EventTimeStats {
  count: number;
  maxMs: number;
  minMs: number;
  sumMs: number;
}

interface WatermarkNode {
  readonly id: number;
  readonly delayMs: number;
  stats: EventTimeStats;
}

interface Node {
  run(batch: Batch): Promise<Table>;
  /** The watermark (ms) of the node's result when the query's is `origin`; undefined: none. Notes operators' inputs. */
  propagate(origin: number, inputs: Map<StatefulOperator, number>): number | undefined;
}

interface Batch {
  readonly tables: readonly Table[];
  readonly hasData: (source: number) => boolean;
  readonly contextOf: (operator: StatefulOperator) => BatchContext;
}

/** A query made ready to run batches: its operators hold the state. */
export class PhysicalPlan {
  /** From the sink upwards, as Spark reports them: the n-th has the n-th state folder. */
  readonly operators: StatefulOperator[] = [];
  readonly watermarks: WatermarkNode[] = [];
  private readonly root: Node;
  private readonly mode: OutputMode;

  constructor(plan: Plan, mode: OutputMode) {
    this.mode = mode;
    this.root = this.compile(plan);
  }

  /** Runs one batch on the sources' tables. Thresholds are each operator's watermark, milliseconds. */
  async run(batch: {
    readonly batchId: number;
    readonly tables: readonly Table[];
    /** Whether the batch has something new of a source, if only an empty part. */
    readonly hasData: (source: number) => boolean;
    readonly lateMs: ReadonlyMap<StatefulOperator, number>;
    readonly evictMs: ReadonlyMap<StatefulOperator, number>;
  }): Promise<Table> {
    for (const node of this.watermarks) node.stats = noStats();
    return this.root.run({
      tables: batch.tables,
      hasData: batch.hasData,
      contextOf: (operator) => ({
        batchId: batch.batchId,
        mode: this.mode,
        lateUs: (batch.lateMs.get(operator) ?? 0) * 1000,
        evictUs: (batch.evictMs.get(operator) ?? 0) * 1000,
      }),
    });
  }

  /**
   * Each operator's input watermark for a query watermark: the least of its inputs, lowered by time-interval
   * joins, never below 0. A query watermark of 0 is not propagated, so a second watermark on a stream is only
   * found out when the first one moves. [PropagateWatermarkSimulator in WatermarkPropagator.scala]
   */
  inputWatermarks(originMs: number): Map<StatefulOperator, number> {
    const inputs = new Map<StatefulOperator, number>();
    if (originMs > 0) this.root.propagate(originMs, inputs);
    return inputs;
  }

  private compile(plan: Plan): Node {
    switch (plan.kind) {
      case "source":
        return {
          run: async (batch) => {
            const table = batch.tables[plan.source];
            if (table === undefined) throw new RangeError(`no table of source ${plan.source}`);
            return table;
          },
          propagate: () => undefined,
        };
      case "watermark":
        return this.compileWatermark(plan);
      case "filter":
        return this.stateless(plan, async ([table], batch) => {
          const where = present(plan.where, batch.hasData);
          return where === undefined ? theOne(table) : filterRows({ ...plan, where }, theOne(table));
        });
      case "project":
        return this.stateless(plan, async ([table]) => projectColumns(plan, theOne(table)));
      case "map":
        return this.stateless(plan, async ([table]) => plan.map(theOne(table)));
      case "union":
        return this.stateless(plan, async (tables) => uniteRows(plan, tables));
      case "sort":
        return this.stateless(plan, async ([table]) => sortRows(plan, theOne(table)));
      case "join-static": {
        const join = new StaticJoin(plan);
        return this.stateless(plan, async ([table]) => join.run(theOne(table)));
      }
      case "limit":
        if (this.mode !== "append")
          return this.stateless(plan, async ([table]) => sliceTable(theOne(table), 0, plan.rows));
        return this.stateful(plan, new LimitOperator(plan.rows));
      case "deduplicate":
        onlyOneEventTime(attributesOf(plan.input));
        return this.stateful(plan, new DeduplicateOperator(plan));
      case "distinct":
        return this.compile({
          kind: "aggregate",
          input: plan.input,
          keys: attributesOf(plan.input).map(({ name }) => ({ kind: "column", column: name, as: name })),
          aggregates: [],
        });
      case "aggregate": {
        onlyOneEventTime(attributesOf(plan).slice(0, plan.keys.length));
        const session = plan.keys.find((key) => key.kind === "session");
        return this.stateful(
          plan,
          session === undefined ? new AggregateOperator(plan) : new SessionOperator(plan, session),
        );
      }
      case "join":
        return this.compileJoin(plan);
    }
  }

  private compileWatermark(plan: PlanOf<"watermark">): Node {
    const node: WatermarkNode = { id: plan.id, delayMs: plan.delayMs, stats: noStats() };
    this.watermarks.push(node);
    const input = this.compile(plan.input);
    const time = attributesOf(plan).find((attribute) => attribute.delayMs !== undefined);
    const name = time?.type.kind === "window" ? `${time.name}.end` : (time?.name ?? plan.column);
    return {
      run: async (batch) => {
        const table = await input.run(batch);
        node.stats = observe(table, name);
        return table;
      },
      propagate: (origin, inputs) => {
        if (input.propagate(origin, inputs) !== undefined) throw watermarkTwice();
        return origin;
      },
    };
  }

  private compileJoin(plan: PlanOf<"join">): Node {
    onlyOneEventTime(attributesOf(plan.left));
    onlyOneEventTime(attributesOf(plan.right));
    const { isByKey, leftBehindUs, rightBehindUs } = evictionOf(plan);
    return this.stateful(plan, new JoinOperator(plan), (input) => {
      if (isByKey) return input;
      const ends = [leftBehindUs, rightBehindUs].flatMap((behind) =>
        behind === undefined ? [] : [input - Math.ceil(behind / 1000)],
      );
      return Math.min(input, ...ends);
    });
  }

  private stateless(plan: Plan, work: (tables: readonly Table[], batch: Batch) => Promise<Table>): Node {
    const inputs = inputsOf(plan).map((input) => this.compile(input));
    return {
      run: async (batch) => work(await runAll(inputs, batch), batch),
      propagate: (origin, known) => leastOf(inputs.map((input) => input.propagate(origin, known))),
    };
  }

  private stateful(
    plan: Plan,
    operator: StatefulOperator,
    lowered: (inputMs: number) => number = (inputMs) => inputMs,
  ): Node {
    this.operators.push(operator);
    const inputs = inputsOf(plan).map((input) => this.compile(input));
    return {
      run: async (batch) => operator.run(await runAll(inputs, batch), batch.contextOf(operator)),
      propagate: (origin, known) => {
        const input = leastOf(inputs.map((node) => node.propagate(origin, known)));
        known.set(operator, Math.max(0, input ?? 0));
        return input === undefined ? undefined : lowered(input);
      },
    };
  }
}

async function runAll(nodes: readonly Node[], batch: Batch): Promise<Table[]> {
  const tables: Table[] = [];
  for (const node of nodes) tables.push(await node.run(batch));
  return tables;
}

function leastOf(watermarks: readonly (number | undefined)[]): number | undefined {
  const known = watermarks.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function theOne(table: Table | undefined): Table {
  if (table === undefined) throw new RangeError("a node without an input");
  return table;
}

/** Nothing seen. */
export function noStats(): EventTimeStats {
  return { count: 0, maxMs: Number.NEGATIVE_INFINITY, minMs: Number.POSITIVE_INFINITY, sumMs: 0 };
}

function observe(table: Table, name: string): EventTimeStats {
  const stats = noStats();
  const column = columnNamed(table, name);
  const times = numbersOf(column);
  const { validity } = column;
  let max = Number.NEGATIVE_INFINITY;
  let min = Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let row = 0; row < times.length; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    const time = times[row] ?? 0;
    if (time > max) max = time;
    if (time < min) min = time;
    sum += time / 1000;
    stats.count++;
  }
  stats.maxMs = Math.floor(max / 1000);
  stats.minMs = Math.floor(min / 1000);
  stats.sumMs = sum;
  return stats;
}

function onlyOneEventTime(attributes: readonly Attribute[]): void {
  const times = eventTimesOf(attributes);
  if (times.length <= 1) return;
  const names = times.map((time) => time.name).join(", ");
  throw new StreamingRefusal({
    stage: "run",
    condition: "_LEGACY_ERROR_TEMP_3077",
    rule: 9,
    code: "two-event-times",
    what: {
      es: `Hay más de una columna con watermark (${names}): elige una con select antes de esta operación.`,
      en: `There is more than one column with a watermark (${names}): choose one with select before this operation.`,
    },
    where: names,
  });
}

function watermarkTwice(): StreamingRefusal {
  return new StreamingRefusal({
    stage: "run",
    condition: "_LEGACY_ERROR_TEMP_3076",
    rule: 11,
    code: "watermark-twice",
    what: {
      es: "Esta corriente ya tiene un watermark: no se puede definir otro encima.",
      en: "This stream has a watermark already: another can't be defined on top of it.",
    },
  });
}
