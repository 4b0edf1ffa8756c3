import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchOptions } from "../bench-row.ts";
import { measureProcess } from "../process-cost.ts";

const peer = fileURLToPath(new URL("../../../bench/peers/streaming_spark.py", import.meta.url));
const cache = process.env.TALLER_BENCH_CACHE ?? join(homedir(), ".cache", "taller-bench");

export function peerEnvironment(options: BenchOptions): NodeJS.ProcessEnv {
  return { ...process.env, SCORE_BY: scoresBySql(options) ? "sql" : "mllib" };
}

/** `--spark-model sql`. */
export function scoresBySql(options: BenchOptions): boolean {
  return options.flags["spark-model"] === "sql";
}

/** In a process of its own, so that the job's costs are those of scoring. */
export async function fitSparkModel(folder: string, options: BenchOptions): Promise<void> {
  const [python, script] = sparkCommand(options) ?? [];
  if (python === undefined || script === undefined || scoresBySql(options)) return;
  options.say("MLlib fits its model");
  const fit = await measureProcess(python, [script, "fit", folder]);
  if (fit.exitCode !== 0) throw new Error(`MLlib: ${fit.stderr.slice(-2_000)}`);
}

/** The interpreter, the job and the connector's jars; undefined, said, where they are not there. */
export function sparkCommand(options: BenchOptions): string[] | undefined {
  const python = join(cache, "venv", "bin", "python");
  const folder = join(cache, "spark-kafka");
  if (options.flags.spark === "no") return undefined;
  if (!existsSync(python) || !existsSync(folder)) {
    options.say("PySpark or its Kafka connector is not there: bash bench/setup.sh installs both");
    return undefined;
  }
  const jars = readdirSync(folder).filter((name) => name.endsWith(".jar"));
  return [python, peer, jars.map((name) => join(folder, name)).join(",")];
}
