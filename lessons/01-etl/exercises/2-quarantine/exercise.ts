import {
  type CheckContext,
  type CheckResult,
  cellOf,
  columnOf,
  defineExercise,
  failedSaying,
  fieldIndex,
  passed,
  type SqlSubmission,
  type Table,
  takeRows,
} from "taller/author";

export default defineExercise({
  kind: "sql",
  version: 1,
  files: ["quarantine.sql"],
  results: ["valid", "rejected"],
  // No visible row has two reasons: only hidden data has.
  inputs: { leads: { dataset: "leads", rows: 400, seed: 22, sql: "input.sql" } },
  hidden: [
    { seed: 101, rows: 4_000 },
    { seed: 202, rows: 4_000 },
  ],
  edges: ["empty", "one-row", { edge: "all-null", keep: ["line"] }],
  checks: [
    { kind: "schema", id: "schema" },
    { kind: "custom", id: "no-loss", run: judgeNoLoss },
    { kind: "rows", id: "sides", result: "valid", key: ["line"] },
    { kind: "rows", id: "reasons", result: "rejected", key: ["line"], columns: ["reasons"] },
  ],
  starterFails: "no-loss",
  wrong: {
    "in-both": "no-loss",
    "in-neither": "no-loss",
    "silently-dropped": "no-loss",
    "null-is-bad": "sides",
    "first-reason-only": "reasons",
  },
});

/** Every line of the input stands in one of the two results, once. */
async function judgeNoLoss({ submission, inputs }: CheckContext<SqlSubmission>): Promise<CheckResult> {
  const { leads } = inputs;
  if (leads === undefined) throw new RangeError("the input leads is missing");
  const valid = linesOf(await submission.result("valid"));
  const rejected = linesOf(await submission.result("rejected"));
  const times = new Map<number, number>();
  for (const line of [...valid, ...rejected]) times.set(line, (times.get(line) ?? 0) + 1);
  const rowsSeen = (isFault: (count: number) => boolean) =>
    linesOf(leads).flatMap((line, row) => (isFault(times.get(line) ?? 0) ? [row] : []));
  const lost = rowsSeen((count) => count === 0);
  const doubled = rowsSeen((count) => count > 1);
  if (lost.length === 0 && doubled.length === 0) return passed;
  const counts = [leads.rowCount, valid.length, rejected.length] as const;
  return failedSaying(
    {
      es: `leídas ${counts[0]} · válidas ${counts[1]} + rechazadas ${counts[2]} · en ningún lado ${lost.length} · en los dos ${doubled.length}`,
      en: `read ${counts[0]} · valid ${counts[1]} + rejected ${counts[2]} · in neither ${lost.length} · in both ${doubled.length}`,
    },
    { example: takeRows(leads, (lost.length > 0 ? lost : doubled).slice(0, 3)) },
  );
}

/** Empty when the result has no such column: the check of the schema says that. */
function linesOf(table: Table): number[] {
  if (fieldIndex(table, "line") === undefined) return [];
  const { field, column } = columnOf(table, "line");
  return Array.from({ length: table.rowCount }, (_, row) => Number(cellOf(field, column, row)));
}
