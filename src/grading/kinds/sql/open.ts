import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Limits, SqlExercise } from "../../exercise.ts";
import { harnessAsset } from "../../sandbox/harness-path.ts";
import { type Claim, prestartProcess } from "../../sandbox/prestarted.ts";
import { resolveLimits } from "../limits.ts";
import type { PreparedSubmission } from "../submission.ts";
import { onlyFile } from "../submitted-files.ts";
import { duckdbBindingPath } from "./duckdb-binding.ts";
import { SqlCase } from "./sql-case.ts";
import { SqlProcess } from "./sql-process.ts";

/** What an engine holds at rest, beside what a submission makes it hold (measured: 60 MB; 350 to 700 MB). */
const ENGINE_MB = { duckdb: 128, postgres: 1_024 };

/** Starts the process in which all cases of this grading will have their databases. */
export async function prepareSql(
  spec: SqlExercise,
  files: Readonly<Record<string, string>>,
): Promise<PreparedSubmission<"sql">> {
  const { name: file, text: sql } = onlyFile(spec, files);
  const engine = spec.engine ?? "duckdb";
  const limits = resolveLimits(spec.limits, ENGINE_MB[engine]);
  const claim = await sqlClaim(engine, spec.limits);
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

/** What a process of this engine needs; `limits` are the exercise's, default its defaults. */
export async function sqlClaim(engine: "duckdb" | "postgres", limits?: Limits): Promise<Claim> {
  const { memoryMb } = resolveLimits(limits);
  if (engine === "duckdb") {
    const harnessArguments = [`--binding=${duckdbBindingPath()}`];
    return { harness: "sql", memoryMb, readPaths: [], allowsAddons: true, harnessArguments };
  }
  const assets = dirname(createRequire(import.meta.url).resolve("@electric-sql/pglite"));
  const template = await harnessAsset("postgres-template.tgz");
  return {
    harness: "postgres",
    memoryMb,
    readPaths: [join(assets, "*"), template],
    allowsAddons: false,
    harnessArguments: [`--assets=${assets}`, `--template=${template}`],
  };
}
