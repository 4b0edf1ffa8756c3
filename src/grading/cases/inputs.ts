import { serialize } from "node:v8";
import { seededRandom } from "../../core/random.ts";
import type { Column, Table } from "../../core/table.ts";
import { sliceTable } from "../../core/table-build.ts";
import type { Cache } from "../cache.ts";
import { hashOf, seedOf } from "../content-hash.ts";
import type { InputSpec } from "../exercise.ts";
import type { GradableExercise, GradingPlace } from "../gradable.ts";
import { datasetTable } from "./dataset-table.ts";
import { type GradingCase, VISIBLE_SEED } from "./list.ts";

export interface CaseInputs {
  /** By the name under which the submission sees them. */
  readonly tables: Readonly<Record<string, Table>>;
  /** Two cases of one hash have the same tables, as long as the exercise is the same. */
  readonly hash: string;
}

export interface InputsRequest extends Pick<GradingPlace, "dataFolder" | "signal" | "emit"> {
  readonly exercise: Pick<GradableExercise, "id" | "dir" | "spec">;
  readonly case: GradingCase;
  readonly cache: Cache;
}

/**
 * The tables of one case. Plain edges are cut from the visible data; a custom edge is what the exercise's own
 * `generate` gives for it (inputs from a dataset stay as they are visibly).
 *
 * Throws a RangeError for an exercise whose custom edge no input can make.
 */
export async function loadInputs(request: InputsRequest): Promise<CaseInputs> {
  const { exercise, case: one } = request;
  const specs = Object.entries(exercise.spec.inputs ?? {});
  if (one.kind === "edge" && one.edge.edge === "custom" && !specs.some(([, spec]) => "generate" in spec)) {
    throw new RangeError(`${exercise.id}: ${one.id} needs an input with generate`);
  }
  const tables: Record<string, Table> = {};
  const hashes: string[] = [];
  for (const [name, spec] of specs) {
    const { table, hash } = await loadInput(request, name, spec);
    tables[name] = one.kind === "edge" ? cutToEdge(table, one.edge) : table;
    hashes.push(name, hash);
  }
  return { tables, hash: hashOf(one.id, ...hashes) };
}

async function loadInput(
  request: InputsRequest,
  name: string,
  spec: InputSpec,
): Promise<{ table: Table; hash: string }> {
  const { exercise, case: one } = request;
  if ("generate" in spec) {
    const seed = one.kind === "hidden" ? one.seed : VISIBLE_SEED;
    const edge = one.kind === "edge" && one.edge.edge === "custom" ? one.edge.id : undefined;
    const random = seededRandom(seed, seedOf(exercise.id, name, edge ?? ""));
    const table = spec.generate({ seed, random, edge });
    // By content: what the author's code leans on may have changed without the exercise.
    return { table, hash: hashOf("generate", serialize(table)) };
  }
  return datasetTable({
    ...request,
    dir: exercise.dir,
    dataset: spec.dataset,
    seed: one.kind === "hidden" ? one.seed : spec.seed,
    rows: (one.kind === "hidden" ? one.rows : undefined) ?? spec.rows,
    variant: spec.variant,
    sqlFile: spec.sql,
  });
}

function cutToEdge(table: Table, edge: Extract<GradingCase, { kind: "edge" }>["edge"]): Table {
  switch (edge.edge) {
    case "empty":
      return sliceTable(table, 0, 0);
    case "one-row":
      return sliceTable(table, 0, 1);
    case "all-null":
      return allNull(table, edge.keep);
    case "custom":
      return table;
  }
}

function allNull(table: Table, keep: readonly string[]): Table {
  const kept = new Set(keep.map((name) => name.toLowerCase()));
  return {
    ...table,
    columns: table.columns.map((column, index): Column => {
      const field = table.fields[index];
      if (field === undefined || !field.nullable || kept.has(field.name.toLowerCase())) return column;
      return { ...column, validity: new Uint8Array(table.rowCount) };
    }),
  };
}
