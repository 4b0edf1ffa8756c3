import { findDataset, quoteName } from "taller/author";
import type { Job, JobSql } from "./jobs.ts";

/** A dataset that ships as Parquet, typed already: it is only laid out anew. */
export function datasetJob(name: string): Job {
  const dataset = findDataset(name);
  const columns = dataset.card.fields.map((field) => field.name);
  return {
    kind: "parquet",
    table: name,
    partitionBy: [],
    columns,
    sql: asItIs(columns),
    open: async (context) => {
      const files = await dataset.materialise({ folder: context.dirs.data, signal: context.signal });
      return { source: { kind: "parquet", paths: files.paths }, sizeBytes: files.sizeBytes };
    },
    describe: async () => name,
  };
}

/** Queries that let every row through: nothing is known of the data by which to reject or to choose. */
export function asItIs(columns: readonly string[]): JobSql {
  const names = columns.map(quoteName).join(", ");
  return {
    clean: "SELECT * FROM texts",
    check: `SELECT ${names}, CAST(NULL AS STRING) AS reasons FROM clean`,
    structural: "SELECT CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS text WHERE 1 = 0",
    rejected: "SELECT * FROM structural",
    valid: `SELECT ${names} FROM checked`,
    dedupe: "SELECT * FROM valid",
    reasons:
      "SELECT reason, count(*) AS row_count FROM rejected GROUP BY reason ORDER BY row_count DESC, reason",
    duplicates: "SELECT 0 AS duplicates",
  };
}
