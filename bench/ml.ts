import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { seededRandom } from "../src/core/random.ts";
import {
  type Classifier,
  fitBoosting,
  fitForest,
  fitKMeans,
  fitLogistic,
  type Matrix,
  rocAuc,
  scoreMatrix,
} from "../src/ml/index.ts";
import { type BenchOptions, type BenchRow, benchRow } from "./bench-row.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FEATURES = 16;
const figures = z.object({ fit: z.number(), predict: z.number(), quality: z.number() });
const peerSchema = z.object({
  version: z.string(),
  boosting: figures,
  forest: figures,
  logistic: figures,
  kmeans: figures,
});
type Figures = z.infer<typeof figures>;

/** Our fit time on one thread over scikit-learn's on two, at most. */
const AIMS = { boosting: 1.2, forest: 0.2, logistic: 1.5, kmeans: 1 } as const;

/** Fit and predict of each model, 20 trees of depth 5 or k = 8, against scikit-learn on the same data: `--rows`, `--python`. */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const rowCount = Number(options.flags.rows ?? 50_000);
  const { matrix, labels } = makeData(rowCount);
  const peer = await runPeer(options, matrix, labels);
  const rows: BenchRow[] = [];
  for (const name of ["boosting", "forest", "logistic", "kmeans"] as const) {
    options.say(`${name}: ${rowCount} rows × ${FEATURES}`);
    const ours = await measure(name, matrix, labels);
    const theirs = peer?.[name];
    const named = { bench: "ml", case: `${name}, ${rowCount} × ${FEATURES}`, peer: "scikit-learn" };
    const aim = { on: "ratio", atMost: AIMS[name] } as const;
    rows.push(
      benchRow({ ...named, metric: "fit", unit: "s", ours: ours.fit, peerValue: theirs?.fit ?? null, aim }),
    );
    const quality = { metric: name === "kmeans" ? "WSSSE" : "AUC", unit: "", ours: ours.quality };
    rows.push(benchRow({ ...named, ...quality, peerValue: theirs?.quality ?? null }));
    if (name === "kmeans") continue;
    const predict = { metric: "predict", unit: "s", ours: ours.predict };
    rows.push(benchRow({ ...named, ...predict, peerValue: theirs?.predict ?? null }));
  }
  return rows;
}

async function measure(name: keyof typeof AIMS, matrix: Matrix, labels: Uint8Array): Promise<Figures> {
  const start = performance.now();
  if (name === "kmeans") {
    const { trainingCost } = await fitKMeans(matrix, { seed: 1, k: 8, starts: 1 });
    return { fit: (performance.now() - start) / 1000, predict: 0, quality: trainingCost };
  }
  const model = await fitNamed(name, matrix, labels);
  const fitted = performance.now();
  const scores = scoreMatrix(model, matrix);
  const predict = (performance.now() - fitted) / 1000;
  return { fit: (fitted - start) / 1000, predict, quality: rocAuc(labels, scores) ?? Number.NaN };
}

async function fitNamed(
  name: "boosting" | "forest" | "logistic",
  matrix: Matrix,
  labels: Uint8Array,
): Promise<Classifier> {
  switch (name) {
    case "boosting":
      return fitBoosting(matrix, labels, { seed: 1, trees: 20 });
    case "forest":
      return fitForest(matrix, labels, { seed: 1, trees: 20 });
    case "logistic":
      return fitLogistic(matrix, labels);
  }
}

function makeData(rowCount: number): { matrix: Matrix; labels: Uint8Array } {
  const random = seededRandom(1);
  const columns = Array.from({ length: FEATURES }, () => new Float64Array(rowCount));
  const labels = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const x = columns.map((column) => {
      const value = random.normal();
      column[i] = value;
      return value;
    });
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = x;
    labels[i] = Number(
      random.chance(1 / (1 + Math.exp(1.8 - 0.8 * a + 0.5 * b - 0.7 * c * d - 0.4 * e * e))),
    );
  }
  const features = columns.map((_, j) => ({ name: `x${j}`, kind: "number" as const }));
  return { matrix: { features, columns, rowCount }, labels };
}

/** Undefined, with the reason on stderr, where Python or scikit-learn is missing. */
async function runPeer(
  options: BenchOptions,
  matrix: Matrix,
  labels: Uint8Array,
): Promise<z.infer<typeof peerSchema> | undefined> {
  const python = options.flags.python ?? join(homedir(), ".cache", "taller-bench", "venv", "bin", "python");
  if (!existsSync(python)) {
    options.say(`no Python at ${python}: scikit-learn stays out`);
    return undefined;
  }
  const path = join(options.folder, "ml.f64");
  const file = await open(path, "w");
  for (const column of [...matrix.columns, Float64Array.from(labels)]) {
    await file.write(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  await file.close();
  const here = join(root, "bench", "peers", "ml_sklearn.py");
  try {
    // Left unset on a busy machine, scikit-learn's threads wait for each other.
    const env = { ...process.env, OMP_NUM_THREADS: "2", OPENBLAS_NUM_THREADS: "2" };
    const { stdout } = await promisify(execFile)(
      python,
      [here, path, String(matrix.rowCount), String(FEATURES)],
      { env },
    );
    const peer = peerSchema.parse(JSON.parse(stdout));
    options.say(`scikit-learn ${peer.version}`);
    return peer;
  } catch (error) {
    options.say(`scikit-learn stays out: ${error instanceof Error ? error.message.slice(0, 200) : error}`);
    return undefined;
  }
}
