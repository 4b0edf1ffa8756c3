import type { Limits, SqlExercise } from "../../exercise.ts";
import { type Claim, prestartProcess } from "../../sandbox/prestarted.ts";
import { resolveLimits } from "../limits.ts";
import type { PreparedSubmission } from "../submission.ts";
import { onlyFile } from "../submitted-files.ts";
import { duckdbBindingPath } from "./duckdb-binding.ts";
import { SqlCase } from "./sql-case.ts";
import { SqlProcess } from "./sql-process.ts";

/** DuckDB at rest, beside its own memory limit (measured: 100 MB resident with Node). */
const DUCKDB_MB = 128;

/** Starts the process in which all cases of this grading will have their databases. */
export function prepareSql(
  spec: SqlExercise,
  files: Readonly<Record<string, string>>,
): PreparedSubmission<"sql"> {
  const { name: file, text: sql } = onlyFile(spec, files);
  const limits = resolveLimits(spec.limits, DUCKDB_MB);
  const claim = sqlClaim(spec.limits);
  prestartProcess(claim);
  const shared = new SqlProcess(claim, limits, (folder) => ({
    file,
    sql,
    folder,
    results: spec.results ?? [],
    memoryMb: limits.memoryMb,
    diskMb: limits.diskMb,
  }));
  return {
    kind: "sql",
    files,
    open: (world) => {
      const handle = new SqlCase(shared, world, limits.timeMs);
      return { handle, output: () => shared.output(), close: () => handle.close() };
    },
    close: () => shared.close(),
  };
}

export function sqlClaim(limits?: Limits): Claim {
  return {
    harness: "sql",
    memoryMb: resolveLimits(limits).memoryMb,
    readPaths: [],
    allowsAddons: true,
    harnessArguments: [`--binding=${duckdbBindingPath()}`],
  };
}
