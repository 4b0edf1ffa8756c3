import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import {
  type DistanceArrays,
  type DistanceScratch,
  distanceScratch,
} from "../../src/ml/cluster/distance-arrays.ts";
import { distanceKernel } from "../../src/ml/cluster/distance-kernel.ts";
import { BYTES } from "../../src/ml/cluster/distance-kernel-bytes.ts";
import { instantiate, SharedArena } from "../../src/ml/threads/arena.ts";

/** All that the loops write, for n rows of p values and k centres. */
function results(form: "compiled" | "script", size: { n: number; p: number; k: number; seed: number }) {
  const { n, p, k, seed } = size;
  const arena = new SharedArena(form === "compiled" ? 4e6 : 0);
  const random = seededRandom(seed);
  const scale = 10 ** (random.below(13) - 6);
  const filled = (length: number, used = length): Float64Array => {
    const out = arena.float64(length);
    for (let i = 0; i < used; i++) out[i] = (random.double() - 0.5) * scale;
    return out;
  };
  const quads = Math.ceil(k / 4);
  const arrays: DistanceArrays = {
    p,
    k,
    values: filled(n * p),
    centres: filled(k * p),
    quads: filled(4 * quads * p),
    centreSquares: filled(4 * quads, k),
    labels: arena.int32(n),
    upper: filled(n),
    lower: filled(n),
    halfGaps: filled(k),
    moved: filled(k),
    othersMoved: filled(k),
  };
  for (let i = 0; i < n; i++) arrays.labels[i] = random.below(k);
  const sums = arena.float64(k * (p + 1));
  const scratch: DistanceScratch = distanceScratch(k, arena);
  const isCompiled = scratch.memory !== undefined && instantiate(BYTES, scratch.memory) !== undefined;
  expect(isCompiled).toBe(form === "compiled");
  const kernel = distanceKernel(arrays, scratch);
  const open = kernel.loosen(0, Math.min(16, n));
  const bounds = { listed: scratch.list.slice(0, open), lower: arrays.lower.slice() };
  kernel.toOwn(open);
  const far = kernel.tighten(open);
  const still = { listed: scratch.list.slice(0, far), upper: arrays.upper.slice() };
  const rows = Math.min(16, n);
  for (let i = 0; i < rows; i++) scratch.list[i] = random.below(n);
  kernel.toOwn(rows);
  kernel.toAll(rows);
  kernel.choose(rows);
  kernel.add(1, n, sums);
  const spread = [kernel.spread(0, n, 0, true), kernel.spread(1, n, k - 1, false)];
  return {
    bounds,
    still,
    best: scratch.best.slice(0, rows),
    firsts: scratch.firsts.slice(0, rows),
    seconds: scratch.seconds.slice(0, rows),
    distances: scratch.distances.slice(0, rows),
    scores: scratch.scores.slice(0, rows * 4 * quads),
    sums: sums.slice(),
    upper: arrays.upper.slice(),
    spread,
    cost: kernel.cost(0, n),
  };
}

test("compiled and in JavaScript, the loops over rows and centres give the same bits", () => {
  const whole = (min: number, max: number) => fc.integer({ min, max });
  fc.assert(
    fc.property(
      fc.record({ n: whole(1, 60), p: whole(1, 19), k: whole(1, 11), seed: whole(1, 1e6) }),
      (size) => {
        expect(results("compiled", size)).toEqual(results("script", size));
      },
    ),
  );
});
