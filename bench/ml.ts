import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEngine } from "../src/engines/open.ts";
import { MLJS_LIMITS } from "../src/ml/index.ts";
import { type BenchOptions, type BenchRow, benchRow } from "./bench-row.ts";
import { againstXgboost, CASES, type Case, compare, growth, IN_MLLIB } from "./ml/compare.ts";
import { FEATURES, type LabelledData, makeData, writeData } from "./ml/data.ts";
import { type Figures, type Files, runMllib, runOurs, runPython } from "./ml/run-case.ts";
import { benchScoring } from "./ml/scoring.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TEST_ROWS = 100_000;

/**
 * Each model's fit, prediction, quality on other rows and peak memory beside scikit-learn, xgboost, MLlib and the
 * named libraries: the same data and settings, a process a model. `--rows` (50000,200000,1000000), `--cases`,
 * `--peers` (all: sklearn,mllib,mljs), `--scoring no`.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const sizes = (options.flags.rows ?? "50000,200000,1000000").split(",").map(Number);
  const asked = options.flags.cases?.split(",");
  const cases = CASES.filter((name) => asked === undefined || asked.includes(name));
  const peers = (options.flags.peers ?? "sklearn,mllib,mljs").split(",");
  const python = peers.some((peer) => peer !== "mljs") ? peersPython(options.say) : undefined;
  const test = makeData(TEST_ROWS, 2);
  const testPath = join(options.folder, "test.f64");
  await writeData(testPath, test);
  const rows: BenchRow[] = [];
  const fits = new Map<string, number>();
  for (const size of sizes) {
    options.say(`${size} rows × ${FEATURES}`);
    const train = makeData(size, 1);
    const files: Files = {
      train: join(options.folder, "train.f64"),
      trainRows: size,
      test: testPath,
      testRows: TEST_ROWS,
    };
    await writeData(files.train, train);
    const mllib =
      python === undefined || !peers.includes("mllib")
        ? {}
        : await mllibFigures(options, python, cases, { train, test });
    for (const name of cases) {
      const one = await say(options, `${name}, 1 thread`, () =>
        runOurs(name, files, { threads: 1, engine: "taller" }),
      );
      const two = await say(options, `${name}, 2 threads`, () =>
        runOurs(name, files, { threads: 2, engine: "taller" }),
      );
      fits.set(`${name} ${size}`, two?.fit ?? Number.NaN);
      if (one === undefined || two === undefined) throw new Error(`our own ${name} failed`);
      const sklearn =
        python === undefined || !peers.includes("sklearn")
          ? undefined
          : await say(options, `${name}, scikit-learn`, () => runPython(python, name, files));
      rows.push(...compare({ name, size, one, two, sklearn, mllib: mllib[name] }));
      if (name.startsWith("boosting") && python !== undefined && peers.includes("sklearn")) {
        const trees = name.split("-")[1];
        const xgboost = await say(options, `${name}, xgboost`, () =>
          runPython(python, `xgboost-${trees}`, files),
        );
        rows.push(...againstXgboost(name, size, two, xgboost));
      }
    }
  }
  rows.push(...growth(cases, sizes, fits));
  if (peers.includes("mljs")) rows.push(...(await againstMljs(options, testPath)));
  const most = Math.max(...sizes);
  if (options.flags.scoring !== "no") rows.push(...(await benchScoring(options, most)));
  return rows;
}

/** The named libraries at sizes that they bear; the forest with five trees. */
async function againstMljs(options: BenchOptions, testPath: string): Promise<BenchRow[]> {
  const sizes = { forest: 1000, logistic: MLJS_LIMITS.logistic, kmeans: 20_000 } as const;
  const rows: BenchRow[] = [];
  for (const name of ["forest", "logistic", "kmeans"] as const) {
    const size = sizes[name];
    const files: Files = {
      train: join(options.folder, "mljs.f64"),
      trainRows: size,
      test: testPath,
      testRows: TEST_ROWS,
    };
    await writeData(files.train, makeData(size, 1));
    const own = name === "forest" ? "forest-5" : name;
    const ours = await runOurs(own, files, { threads: 1, engine: "taller" });
    const theirs = await say(options, `${name}, mljs`, () =>
      runOurs(name, files, { threads: 1, engine: "mljs" }),
    );
    const base = {
      bench: "ml",
      case: `${own}, ${size.toLocaleString("en")} × ${FEATURES}`,
      peer: "mljs",
    } as const;
    rows.push(
      benchRow({
        ...base,
        metric: "fit, 1 thread",
        unit: "s",
        ours: ours.fit,
        peerValue: theirs?.fit ?? null,
      }),
    );
    const metric = name === "kmeans" ? "WSSSE a test row" : "test AUC";
    rows.push(
      benchRow({ ...base, metric, unit: "", ours: ours.quality, peerValue: theirs?.quality ?? null }),
    );
  }
  return rows;
}

async function mllibFigures(
  options: BenchOptions,
  python: string,
  cases: readonly Case[],
  data: { readonly train: LabelledData; readonly test: LabelledData },
): Promise<Partial<Record<string, Figures>>> {
  const names = cases.filter((name) => IN_MLLIB.includes(name));
  const { folder } = options;
  const paths = { train: join(folder, "train.parquet"), test: join(folder, "test.parquet"), folder };
  await writeParquet(paths.train, data.train);
  await writeParquet(paths.test, data.test);
  return (await say(options, "MLlib local[2]", () => runMllib(python, names, paths))) ?? {};
}

async function writeParquet(path: string, { matrix, labels }: LabelledData): Promise<void> {
  const engine = await openEngine("duckdb");
  try {
    const table = {
      fields: [...matrix.features.map(({ name }) => name), "label"].map((name) => ({
        name,
        type: { kind: "float64" as const },
        nullable: false,
      })),
      columns: [...matrix.columns, Float64Array.from(labels)].map((values) => ({
        kind: "float64" as const,
        values,
      })),
      rowCount: matrix.rowCount,
    };
    await engine.register("data", { kind: "table", table });
    await engine.writeParquet("SELECT * FROM data", { path, singleFile: true });
  } finally {
    await engine.close();
  }
}

/** A peer that can't run here is said on stderr and stays out. */
async function say<T>(options: BenchOptions, what: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await act();
    options.say(`${what}: ${JSON.stringify(result)}`);
    return result;
  } catch (error) {
    options.say(`${what} stays out: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** The Python that `bench/setup.sh` fills. */
function peersPython(log: (line: string) => void): string | undefined {
  const setup = spawnSync("bash", [join(root, "bench", "setup.sh")], { encoding: "utf8" });
  if (setup.status === 0) return setup.stdout.trim().split("\n").at(-1);
  log(`the peers can't run here: ${(setup.stderr ?? setup.error?.message ?? "").trim()}`);
  return undefined;
}
