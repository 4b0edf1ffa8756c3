import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { assignClusters, fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { type Matrix, matrixFromRows } from "../../src/ml/data/matrix.ts";
import { fastExp } from "../../src/ml/exp.ts";
import { type Classifier, rowScorer, scoreMatrix } from "../../src/ml/model/model.ts";
import { instantiate, SharedArena } from "../../src/ml/threads/arena.ts";
import { binAt, binMatrix, numberBin } from "../../src/ml/trees/binning.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest } from "../../src/ml/trees/forest.ts";
import { COUNT_UNIT, FEATURE_STRIDE, HistogramSummer } from "../../src/ml/trees/histogram.ts";
import { BLOCK_ROWS, rowArenaBytes, rowKernel, rowScratch } from "../../src/ml/trees/row-kernel.ts";
import { BYTES } from "../../src/ml/trees/row-kernel-bytes.ts";
import { RowHands } from "../../src/ml/trees/row-work.ts";
import { sortDoubles } from "../../src/ml/trees/sort-doubles.ts";

const wild = fc.oneof(
  fc.constantFrom(0, -0, 1, 1e300, -1e300, 1e-300, 5e-324, Number.MAX_VALUE, Number.NaN, Infinity, -Infinity),
  fc.double(),
  fc.integer({ min: -3, max: 3 }),
);

describe("the fast exponential", () => {
  test("is Math.exp to 4 units in the last place, from −708 to 709", () => {
    fc.assert(
      fc.property(fc.double({ min: -708, max: 709, noNaN: true }), (x) => {
        const exact = Math.exp(x);
        expect(Math.abs(fastExp(x) - exact)).toBeLessThanOrEqual(4 * 2 ** -52 * exact);
      }),
      { numRuns: 2000 },
    );
  });

  test("is bounded outside, and exact at 0", () => {
    expect(fastExp(0)).toBe(1);
    expect(fastExp(-1e300)).toBe(fastExp(-708));
    expect(fastExp(Infinity)).toBe(fastExp(709));
    expect(Number.isFinite(fastExp(709))).toBe(true);
  });
});

describe("the radix sort", () => {
  test("orders doubles as the engine's sort does, few and many, wild and equal", () => {
    const random = seededRandom(6);
    const wildOnes = [0, -0, 1e300, -1e300, 5e-324, -5e-324, Infinity, -Infinity, Number.MAX_VALUE];
    const makers: (() => number)[] = [
      () => random.normal(),
      () => random.below(3) - 1,
      () => random.pick(wildOnes),
      () => (random.double() - 0.5) * 10 ** (random.below(600) - 300),
      () => 7,
    ];
    for (const make of makers) {
      for (const n of [0, 1, 100, 5000, 20_001]) {
        const values = Float64Array.from({ length: n }, make);
        expect(sortDoubles(values.slice())).toEqual(values.slice().sort());
      }
    }
  });
});

describe("bins", () => {
  test("of any numbers are 1 + the thresholds below them, 0 for NaN", () => {
    fc.assert(
      fc.property(
        fc.array(wild, { minLength: 1, maxLength: 60 }),
        fc.constantFrom(2, 5, 255),
        (values, maxBins) => {
          const rows = values.map((value) => [value]);
          const binned = binMatrix(matrixFromRows(["a"], rows), maxBins, 1);
          const [feature] = binned.features;
          const thresholds = feature?.kind === "number" ? feature.thresholds : new Float64Array(0);
          expect(thresholds.length).toBeLessThan(maxBins);
          expect(thresholds.every((one, i) => i === 0 || one > (thresholds[i - 1] ?? 0))).toBe(true);
          values.forEach((value, row) => {
            expect(binAt(binned, 0, row)).toBe(numberBin(thresholds, value));
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test("of many skewed values hold about as many rows each", () => {
    const random = seededRandom(2);
    const values = Array.from({ length: 20_000 }, () => [1 / (1e-6 + random.double() ** 3)]);
    const binned = binMatrix(matrixFromRows(["a"], values), 50, 1);
    const counts = new Float64Array(256);
    for (let row = 0; row < values.length; row++) {
      const bin = binAt(binned, 0, row);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(Math.max(...counts)).toBeLessThan(450);
    expect(Math.min(...counts.subarray(1, 51))).toBeGreaterThan(350);
  });
});

describe.each(["compiled", "script"] as const)("histograms, %s", (form) => {
  const random = seededRandom(5);
  // More rows than a block, features that fill no word, gaps.
  const n = BLOCK_ROWS + 3000;
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: 6 }, () => (random.chance(0.1) ? Number.NaN : random.below(40))),
  );
  const size = { rowCount: n, features: 6, sets: 2, threads: 1, longest: n };
  const arena = new SharedArena(form === "compiled" ? rowArenaBytes(size) : 0);
  const binned = binMatrix(matrixFromRows(["a", "b", "c", "d", "e", "f"], rows), 255, 1, arena);
  const pairs = arena.float64(2 * n);
  const scratch = rowScratch(n, arena);
  const inOrder = (kept: (row: number) => boolean): Int32Array => {
    const order = Int32Array.from({ length: n }, (_, i) => i).filter(kept);
    const placed = arena.int32(order.length);
    placed.set(order);
    return placed;
  };
  for (let row = 0; row < n; row++) {
    pairs[2 * row] = random.below(2 ** 20) - 2 ** 19;
    pairs[2 * row + 1] = random.below(2 ** 23) * COUNT_UNIT + 1;
  }

  test("run in the form that is asked for", () => {
    const { memory } = rowScratch(n, new SharedArena(form === "compiled" ? 1e6 : 0));
    expect(memory !== undefined && instantiate(BYTES, memory) !== undefined).toBe(form === "compiled");
  });

  test("are the sums of their rows, however they are made", () => {
    const order = inOrder((row) => row % 7 !== 0);
    const expected = new Float64Array(6 * FEATURE_STRIDE);
    for (const row of order) {
      for (let feature = 0; feature < 6; feature++) {
        const at = feature * FEATURE_STRIDE + 3 * binAt(binned, feature, row);
        expected[at] = (expected[at] ?? 0) + (pairs[2 * row] ?? 0);
        expected[at + 1] = (expected[at + 1] ?? 0) + Math.floor((pairs[2 * row + 1] ?? 0) / COUNT_UNIT);
        expected[at + 2] = (expected[at + 2] ?? 0) + 1;
      }
    }
    const summer = new HistogramSummer(binned, rowKernel(binned, pairs, scratch));
    const all = new Float64Array(6 * FEATURE_STRIDE);
    summer.addAll(order, 0, order.length, all);
    expect(all).toEqual(expected);
    const some = new Float64Array(6 * FEATURE_STRIDE);
    summer.addSome(order, 0, 1000, [0, 1, 2, 3, 4, 5], some);
    summer.addSome(order, 1000, order.length, [5, 3, 1, 0, 2, 4], some);
    expect(some).toEqual(expected);
  });

  test("a division moves the left rows forward and keeps both orders", () => {
    const order = inOrder(() => true);
    const isLeft = Uint8Array.from({ length: 256 }, (_, bin) => bin % 2);
    const middle = new RowHands(binned, pairs, order, scratch).dividePart(4, isLeft, 100, n - 5);
    const goes = (row: number): boolean => binAt(binned, 4, row) % 2 === 1;
    const inside = Array.from({ length: n - 105 }, (_, i) => i + 100);
    expect([...order.subarray(100, middle)]).toEqual(inside.filter(goes));
    expect([...order.subarray(middle, n - 5)]).toEqual(inside.filter((row) => !goes(row)));
    expect([...order.subarray(0, 100)]).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe("scoring by blocks", () => {
  test.each([
    ["numbers", false],
    ["categories too", true],
  ])("gives the bits of scoring row by row, for wild values: %s", async (_, hasCategory) => {
    const train = mixed(500, 1, hasCategory);
    const labels = Array.from(train.columns[0] ?? [], (x, i) =>
      Number((Number.isNaN(x) ? 1 : x) + (i % 5) > 2),
    );
    const models: Classifier[] = [
      await fitBoosting(train, labels, { seed: 1, trees: 12, minRowsPerLeaf: 1 }),
      await fitForest(train, labels, { seed: 1, trees: 7, maxDepth: 8 }),
      await fitForest(train, labels, { seed: 1, trees: 3, maxDepth: 0 }),
    ];
    const fresh = mixed(777, 2, hasCategory);
    for (const model of models) {
      const score = rowScorer(model);
      const expected = Float64Array.from({ length: fresh.rowCount }, (__, i) =>
        score(Float64Array.from(fresh.columns, (column) => column[i] ?? 0)),
      );
      expect(scoreMatrix(model, fresh)).toEqual(expected);
    }
  });
});

describe("scoring one row", () => {
  test("allocates nothing once it is compiled", async () => {
    const train = mixed(2000, 1, true);
    const labels = Array.from(train.columns[1] ?? [], (x, i) => Number(x + (i % 5) > 2));
    const score = rowScorer(await fitBoosting(train, labels, { seed: 1, trees: 100 }));
    const rows = Array.from({ length: train.rowCount }, (_, i) =>
      Float64Array.from(train.columns, (column) => column[i] ?? 0),
    );
    const sum = new Float64Array(1);
    const scoreAll = (): void => {
      for (let round = 0; round < 10; round++)
        for (const row of rows) sum[0] = (sum[0] as number) + score(row);
    };
    const calls = 10 * rows.length;
    const growth = (): number => {
      const before = process.memoryUsage().heapUsed;
      scoreAll();
      return process.memoryUsage().heapUsed - before;
    };
    // The smallest object there is takes 16 bytes: less than half of that for each call is no object for each call.
    // (Node 24 makes 4, which are the loop's.) A collection in between makes the growth negative; and until the loop
    // is compiled too, its results are boxed.
    let isFree = false;
    for (let turn = 0; turn < 100 && !isFree; turn++) {
      const bytes = growth();
      isFree = bytes >= 0 && bytes < 8 * calls;
    }
    expect(sum[0]).toBeGreaterThan(0);
    expect(isFree).toBe(true);
  });
});

describe("K-Means", () => {
  test("with Hamerly's bounds ends where Lloyd's plain steps end", async () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), {
      minLength: 12,
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(points, fc.integer({ min: 2, max: 5 }), async (rows, k) => {
        fc.pre(new Set(rows.map(String)).size >= k);
        const matrix = matrixFromRows(["x", "y"], rows);
        const settings = { seed: 3, k, starts: 1, tolerance: 0 };
        const first = await fitKMeans(matrix, { ...settings, maxIterations: 1 });
        const last = await fitKMeans(matrix, { ...settings, maxIterations: 200 });
        let centres = first.centres;
        for (let i = 1; i < last.iterations; i++) centres = plainStep(matrix, { ...last, centres }, k);
        centres.forEach((value, i) => {
          expect(last.centres[i]).toBeCloseTo(value, 9);
        });
      }),
      { numRuns: 60 },
    );
  });
});

function plainStep(matrix: Matrix, model: Parameters<typeof assignClusters>[0], k: number): Float64Array {
  const labels = assignClusters(model, matrix);
  const p = matrix.columns.length;
  return Float64Array.from({ length: k * p }, (_, at) => {
    const cluster = Math.floor(at / p);
    const members = [...(matrix.columns[at % p] ?? [])].filter((__, row) => labels[row] === cluster);
    const sum = members.reduce((total, value) => total + value, 0);
    return members.length === 0 ? (model.centres[at] ?? 0) : sum / members.length;
  });
}

/** Numbers with gaps and infinities, and a category with missing and unseen codes. */
function mixed(rowCount: number, seed: number, hasCategory: boolean): Matrix {
  const random = seededRandom(seed);
  const value = (): number =>
    random.chance(0.15) ? random.pick([Number.NaN, Infinity, -Infinity, 1e300, -0]) : random.below(9) - 4;
  const numbers = Array.from({ length: 3 }, () => Float64Array.from({ length: rowCount }, value));
  const features = numbers.map((_, j) => ({ name: `x${j}`, kind: "number" as const }));
  if (!hasCategory) return { features, columns: numbers, rowCount };
  const dictionary = ["a", "b", "c", "d"];
  const codes = Float64Array.from({ length: rowCount }, () => random.pick([0, 1, 2, 3, -1, Number.NaN]));
  return {
    features: [{ name: "c", kind: "category", dictionary }, ...features],
    columns: [codes, ...numbers],
    rowCount,
  };
}
