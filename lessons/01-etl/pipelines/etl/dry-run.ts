import { fieldsOf, tableFromRows } from "taller/author";
import { wantedPartitions } from "./partitions.ts";
import type { EtlContext, EtlRun } from "./run.ts";

/** Says what a run would read, do and write. Nothing is made, read or written. */
export async function showDryRun(context: EtlContext, run: EtlRun): Promise<void> {
  const { job, options } = run;
  const partitions = wantedPartitions(run);
  const lines: [string, string][] = [
    ["read", await job.describe()],
    ["clean → check", job.kind === "leads" ? "sql/clean.sql, sql/check.sql" : "one typed query"],
    ["rejected", run.rejectsPath],
    ["newest", job.kind === "leads" ? "sql/dedupe.sql: lead_id, updated_at, revision" : "every row"],
    ["write", run.tablePath],
    ["partition by", partitions.length === 0 ? "none" : partitions.join(", ")],
    ["codec", options.codec],
  ];
  context.emit({
    kind: "table",
    title: { es: "Plan: no se ha hecho nada", en: "Plan: nothing was done" },
    table: tableFromRows(
      fieldsOf({ step: { kind: "string" }, what: { kind: "string" } }),
      lines.map(([step, what]) => ({ step, what })),
    ),
    label: "documented",
  });
}
