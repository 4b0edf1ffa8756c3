import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { measureProcess } from "../process-cost.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const figures = z.object({
  fit: z.number(),
  /** CPU seconds of the fit, all threads: what a busy machine changes least. Unknown for a JVM's one of many. */
  fitCpu: z.number().nullable(),
  predict: z.number(),
  quality: z.number(),
});

/** Seconds of fit and predict, AUC (clusters: squared distance a row) on the test rows, and the process's peak memory. */
export type Figures = z.infer<typeof figures> & { readonly megabytes: number };

export interface Files {
  readonly train: string;
  readonly trainRows: number;
  readonly test: string;
  readonly testRows: number;
}

/** Left unset on a busy machine, the peers' threads wait for each other. */
const TWO_THREADS = { OMP_NUM_THREADS: "2", OPENBLAS_NUM_THREADS: "2", MKL_NUM_THREADS: "2" };

export async function runOurs(
  name: string,
  files: Files,
  how: { readonly threads: number; readonly engine: "taller" | "mljs" },
): Promise<Figures> {
  const script = fileURLToPath(new URL("./ours.js", import.meta.url));
  const { train, trainRows, test, testRows } = files;
  const args = [
    script,
    name,
    String(how.threads),
    how.engine,
    train,
    String(trainRows),
    test,
    String(testRows),
  ];
  const { line, megabytes } = await measured(process.execPath, args);
  return { ...figures.parse(line), megabytes };
}

export async function runPython(python: string, name: string, files: Files): Promise<Figures> {
  const script = join(root, "bench", "peers", "ml_sklearn.py");
  const args = [script, name, files.train, String(files.trainRows), files.test, String(files.testRows)];
  const { line, megabytes } = await measured(python, args);
  return { ...figures.parse(line), megabytes };
}

/** All cases in one JVM, which is warm for the later ones; the memory is that of all together. */
export async function runMllib(
  python: string,
  names: readonly string[],
  paths: { readonly train: string; readonly test: string; readonly folder: string },
): Promise<Record<string, Figures>> {
  const script = join(root, "bench", "peers", "ml_mllib.py");
  const { line, megabytes } = await measured(python, [
    script,
    paths.train,
    paths.test,
    paths.folder,
    ...names,
  ]);
  const all = z.record(z.string(), figures).parse(line);
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, { ...one, megabytes }]));
}

async function measured(
  command: string,
  args: readonly string[],
): Promise<{ line: unknown; megabytes: number }> {
  const cost = await measureProcess(command, args, { env: { ...process.env, ...TWO_THREADS } });
  if (cost.exitCode !== 0) throw new Error(`${args.slice(0, 2).join(" ")}: ${cost.stderr.slice(-600)}`);
  return {
    line: JSON.parse(cost.stdout.trim().split("\n").at(-1) ?? ""),
    megabytes: (cost.peakBytes ?? Number.NaN) / 1e6,
  };
}
