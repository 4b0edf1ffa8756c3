import type { KMeansModel, KMeansOptions } from "../cluster/kmeans.ts";
import { assignClusters } from "../cluster/kmeans.ts";
import type { Matrix } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { wssse } from "../metrics/clustering.ts";
import { checkSetting, mlError } from "../ml-error.ts";
import { requireMljs, rowsOf } from "./limits.ts";

/**
 * ml-kmeans 7, the best of `starts` (default 3). Its labels lag one step behind its centres when the iterations run
 * out, so clusters and cost come from the centres. It can be stopped between two starts.
 */
export async function fitMljsKMeans(
  matrix: Matrix,
  options: KMeansOptions,
  control: FitControl = {},
): Promise<KMeansModel> {
  requireMljs(matrix, "kmeans");
  const { seed, k, maxIterations = 20, tolerance = 1e-4, starts = 3 } = options;
  checkSetting("k", k, { min: 1, integer: true });
  checkSetting("maxIterations", maxIterations, { min: 1, integer: true });
  checkSetting("starts", starts, { min: 1, integer: true });
  // The library refuses as many clusters as rows.
  if (k >= matrix.rowCount) throw fewRows(k, matrix.rowCount);
  const { kmeans } = await import("ml-kmeans");
  const rows = rowsOf(matrix);
  let best: KMeansModel | undefined;
  for (let start = 0; start < starts; start++) {
    await breathe(control, { done: start, total: starts });
    const settings = {
      seed: (seed + start) | 0,
      maxIterations,
      tolerance,
      initialization: "kmeans++",
    } as const;
    const { centroids, iterations, converged } = kmeans(rows, k, settings);
    const centres = Float64Array.from(centroids.flat());
    const model: KMeansModel = {
      kind: "kmeans",
      features: matrix.features,
      k,
      centres,
      trainingCost: 0,
      iterations,
      isConverged: converged,
    };
    const trainingCost = wssse(matrix, assignClusters(model, matrix), centres);
    if (best === undefined || trainingCost < best.trainingCost) best = { ...model, trainingCost };
  }
  await breathe(control, { done: starts, total: starts, loss: best?.trainingCost });
  if (best === undefined) throw new RangeError("K-Means needs at least one start");
  return best;
}

function fewRows(k: number, rows: number): Error {
  return mlError("few-rows", {
    es: `ml-kmeans necesita más filas que grupos: pides ${k} y hay ${rows}.`,
    en: `ml-kmeans needs more rows than clusters: you ask for ${k} and there are ${rows}.`,
  });
}
