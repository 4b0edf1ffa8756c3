import { cellOf, columnOf, defineExercise, fieldIndex, type SqlSubmission } from "taller/author";

export default defineExercise({
  kind: "sql",
  version: 1,
  files: ["dedupe.sql"],
  // No two visible rows of a lead tie: only hidden data needs the tie-break.
  inputs: { leads: { dataset: "leads", rows: 400, seed: 7, sql: "input.sql" } },
  hidden: [
    { seed: 101, rows: 6_000 },
    { seed: 202, rows: 6_000 },
  ],
  edges: ["empty", "one-row", { edge: "all-null", keep: ["lead_id"] }],
  checks: [
    { kind: "schema", id: "schema" },
    {
      kind: "value",
      id: "one-each",
      name: { es: "filas del lead que más veces sale", en: "rows of the lead that comes most often" },
      actual: ({ submission }) => mostRows(submission),
      expected: ({ solution }) => mostRows(solution),
    },
    { kind: "rows", id: "leads", key: ["lead_id"], keysOnly: true },
    { kind: "rows", id: "newest", key: ["lead_id"] },
  ],
  starterFails: "one-each",
  wrong: {
    "distinct-rows": "one-each",
    "join-on-max": "one-each",
    "no-tie-break": "newest",
    "max-of-each": "newest",
    "revision-first": "newest",
  },
});

/** Rows of the lead that has most of them; 0 for no rows. */
async function mostRows(submission: SqlSubmission): Promise<number> {
  const table = await submission.result();
  if (fieldIndex(table, "lead_id") === undefined) return 0;
  const { field, column } = columnOf(table, "lead_id");
  const counts = new Map<string, number>();
  for (let row = 0; row < table.rowCount; row++) {
    const lead = String(cellOf(field, column, row));
    counts.set(lead, (counts.get(lead) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}
