import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import type { Matrix } from "../../src/ml/data/matrix.ts";
import type { FitControl } from "../../src/ml/fit-control.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { scoreTable } from "../../src/ml/model/file.ts";
import { openScorer } from "../../src/ml/model/scorer.ts";
import { fitPreparation } from "../../src/ml/prepare/pipeline.ts";
import { sharedFloat64, sharedInt32 } from "../../src/ml/threads/shared.ts";
import { openTeam } from "../../src/ml/threads/team.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest } from "../../src/ml/trees/forest.ts";
import { leads } from "./tables.ts";

/** Threads that were started in a test, and how many of them have ended. */
const started: Worker[] = [];
let ended = 0;
const note = (worker: Worker): void => {
  started.push(worker);
  worker.once("exit", () => ended++);
};

beforeEach(() => {
  started.length = 0;
  ended = 0;
  process.on("worker", note);
});
afterEach(() => {
  process.off("worker", note);
});

const { matrix, labels } = hilly(40_000);
type Fit = (threads: number, control?: FitControl) => Promise<unknown>;

/** Large enough for a second thread to pay. */
const FITS: readonly (readonly [string, Fit])[] = [
  ["boosting", (threads, control) => fitBoosting(matrix, labels, { seed: 1, trees: 80, threads }, control)],
  [
    "boosting that stops early",
    (threads, control) => {
      const options = { seed: 1, trees: 100, learningRate: 0.5, earlyStopping: { rounds: 5 }, threads };
      return fitBoosting(matrix, labels, options, control);
    },
  ],
  ["forest", (threads, control) => fitForest(matrix, labels, { seed: 1, trees: 33, threads }, control)],
  [
    "logistic",
    (threads, control) => fitLogistic(large.matrix, large.labels, { tolerance: 1e-12, threads }, control),
  ],
  [
    "kmeans",
    (threads, control) => {
      const options = { seed: 1, k: 16, starts: 2, tolerance: 0, threads };
      return fitKMeans(matrix, options, control);
    },
  ],
];
const large = hilly(420_000);

describe("a fit on two threads", () => {
  test.each(FITS)("gives the bits of one, and leaves no thread behind: %s", async (_, run) => {
    const alone = await run(1);
    expect(started.length).toBe(0);
    const together = await run(2);
    expect(started.length).toBe(1);
    expect(ended).toBe(1);
    expect(together).toEqual(alone);
  });

  test.each(FITS)("tells its progress and stops when it is cancelled: %s", async (_, run) => {
    const abort = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }): void => {
      expect(done).toBeLessThanOrEqual(total);
      seen.push(done);
      if (seen.length === 2) abort.abort();
    };
    await expect(run(2, { signal: abort.signal, onProgress })).rejects.toThrow("cancelled");
    expect(seen.length).toBe(2);
    expect(started.length).toBe(1);
    expect(ended).toBe(1);
  });

  test("ends its thread after an error in the data", async () => {
    const huge: Matrix = { ...matrix, columns: matrix.columns.map((column) => column.map((v) => v * 1e300)) };
    await expect(
      fitKMeans(huge, { seed: 1, k: 16, starts: 2, tolerance: 0, threads: 2 }),
    ).rejects.toMatchObject({
      code: "infinite-value",
    });
    expect(started.length).toBe(1);
    expect(ended).toBe(1);
  });

  test("a small fit starts none", async () => {
    const small = hilly(500);
    await fitBoosting(small.matrix, small.labels, { seed: 1, threads: 8 });
    expect(started.length).toBe(0);
  });

  test("a number of threads that is none is refused", async () => {
    await expect(fitBoosting(matrix, labels, { seed: 1, threads: 0 })).rejects.toThrow("threads is 0");
  });
});

describe("a team", () => {
  test("whose threads fail says so, and leaves none behind", async () => {
    const rows = 10_000;
    const model = { kind: "dummy", features: [], probability: 0.5 } as const;
    const rowCount = sharedInt32(1).fill(rows);
    // The others read columns that are not there.
    const input = { model, columns: null as unknown as [], rowCount, out: sharedFloat64(rows) };
    const team = await openTeam({ kernel: "score", input, create: () => ({ step: () => {} }) }, 3);
    expect(() => team.run(0)).toThrow("a thread of the team has failed");
    await team.close();
    expect(ended).toBe(2);
  });
});

describe("a scorer", () => {
  test("gives the bits of scoreTable, with categories and gaps, on threads that serve all tables", async () => {
    const train = leads(2000, 1);
    const { preparation, matrix: known } = fitPreparation(train, ["age", "visits", "city"], []);
    const bought = train.columns[4]?.kind === "boolean" ? train.columns[4].values : [];
    const model = await fitBoosting(known, bought, { seed: 1, trees: 400 });
    const pipeline = { preparation, model };
    const scorer = openScorer(pipeline, { threads: 2 });
    try {
      for (const [rows, seed] of [
        [50_000, 2],
        [300, 3],
        [70_001, 4],
      ] as const) {
        const table = leads(rows, seed);
        expect(await scorer.score(table)).toEqual(scoreTable(pipeline, table));
      }
      expect(started.length).toBe(1);
    } finally {
      await scorer.close();
    }
    expect(ended).toBe(started.length);
  });

  test("gives no score for an empty table", async () => {
    const train = leads(200, 1);
    const { preparation, matrix: known } = fitPreparation(train, ["age"], []);
    const half = Uint8Array.from({ length: 200 }, (_, i) => i % 2);
    const model = await fitForest(known, half, { seed: 1 });
    const empty = tableFromRows(fieldsOf({ age: { kind: "float64" } }), []);
    const scorer = openScorer({ preparation, model });
    expect((await scorer.score(empty)).length).toBe(0);
    await scorer.close();
  });
});

/** Eight columns, a label that depends on three of them, gaps in one. */
function hilly(rowCount: number): { matrix: Matrix; labels: Uint8Array } {
  const random = seededRandom(9);
  const columns = Array.from({ length: 8 }, () =>
    Float64Array.from({ length: rowCount }, () => random.double() * 4 - 2),
  );
  const labels = Uint8Array.from({ length: rowCount }, (_, i) => {
    const [a = 0, b = 0, c = 0] = columns.map((column) => column[i] ?? 0);
    return Number(random.chance(1 / (1 + Math.exp(-(a * b + c)))));
  });
  const features = columns.map((_, j) => ({ name: `x${j}`, kind: "number" as const }));
  return { matrix: { features, columns, rowCount }, labels };
}
