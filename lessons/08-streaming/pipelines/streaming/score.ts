import { type ScoringPipeline, scoreTable } from "taller";
import {
  CATEGORIES,
  type Category,
  type Column,
  categoryOf,
  columnOf,
  type DataStream,
  type DataType,
  isNull,
  type Table,
  takeRows,
} from "taller/author";
import { LEAD_FEATURES } from "./model.ts";

/** What is added to an event: its lead's probability, how that is called, and why it is no valid event after all. */
const ADDED: Readonly<Record<string, DataType>> = {
  score: { kind: "float64" },
  category: { kind: "string" },
  problem: { kind: "string" },
};

/**
 * Each event with what is known of its lead, and its score. A left join: an event of a lead that the table lacks stays,
 * with nulls, which the model takes as what they are: unknown.
 */
export function scored(events: DataStream, leads: Table, model: ScoringPipeline): DataStream {
  const enriched = events.joinStatic(leads, { on: "lead_id", type: "left", adds: [...LEAD_FEATURES] });
  const columns = Object.fromEntries(
    enriched.schema.flatMap(({ name, type }) => (type.kind === "window" ? [] : [[name, type]])),
  );
  return enriched.mapTables({ ...columns, ...ADDED }, (table) => withScores(table, model));
}

/** A column at a time: there is no object a row on this path. */
export function withScores(table: Table, model: ScoringPipeline): Table {
  const scores = scoreTable(model, table);
  const codes = Uint32Array.from(scores, (score) => CATEGORIES.indexOf(categoryOf(score)));
  const category: Column = { kind: "dictionary", codes, dictionary: [...CATEGORIES] };
  return {
    fields: [
      ...table.fields,
      ...Object.entries(ADDED).map(([name, type]) => ({ name, type, nullable: true })),
    ],
    columns: [...table.columns, { kind: "float64", values: scores }, category, problemsOf(table)],
    rowCount: table.rowCount,
  };
}

/** The category by which a sink chooses rows. */
export const HOT: Category = "Hot";

/** JSON of the right types may still say what can't be: it is set aside, with its reason, and never scored as true. */
function problemsOf(table: Table): Column {
  const visits = columnOf(table, "visits").column;
  const validity = new Uint8Array(table.rowCount);
  const values = visits.kind === "int32" || visits.kind === "int64" ? visits.values : [];
  for (let row = 0; row < table.rowCount; row++)
    if (!isNull(visits, row) && (values[row] ?? 0) < 0) validity[row] = 1;
  return {
    kind: "dictionary",
    codes: new Uint32Array(table.rowCount),
    dictionary: ["negative-count"],
    validity,
  };
}

/** What may be used, and what must be set aside. */
export function splitByProblem(table: Table): { readonly valid: Table; readonly invalid: Table } {
  const problem = columnOf(table, "problem").column;
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  return {
    valid: takeRows(
      table,
      rows.filter((row) => isNull(problem, row)),
    ),
    invalid: takeRows(
      table,
      rows.filter((row) => !isNull(problem, row)),
    ),
  };
}
