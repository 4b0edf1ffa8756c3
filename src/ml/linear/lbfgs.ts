/** f(x) and its gradient, which is written into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  readonly maxIterations: number;
  /** Converged when the gradient's largest entry is at most this × max(1, |f|). */
  readonly tolerance: number;
  /** Steps remembered; default 10. */
  readonly memory?: number;
  /** Called before each iteration; it may throw to stop. */
  readonly onIteration?: (iteration: number, value: number) => Promise<void>;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly isConverged: boolean;
}

/** Minimises a smooth convex function from `start` (Nocedal and Wright, algorithm 7.5, with a backtracking line search). */
export async function minimise(
  objective: Objective,
  start: Float64Array,
  options: LbfgsOptions,
): Promise<LbfgsResult> {
  const memory = options.memory ?? 10;
  const n = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let value = objective(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; ; iteration++) {
    const isConverged = largest(gradient) <= options.tolerance * Math.max(1, Math.abs(value));
    if (isConverged || iteration >= options.maxIterations)
      return { x, value, iterations: iteration, isConverged };
    await options.onIteration?.(iteration, value);
    const direction = descent(gradient, pairs);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      pairs.length = 0;
      direction.set(gradient.map((g) => -g));
      slope = -dot(gradient, gradient);
    }
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const next = search({ objective, x, value, direction, slope, first });
    // No lower point in this direction: the bits of the sum are used up.
    if (next === undefined) return { x, value, iterations: iteration, isConverged: true };
    const s = next.x.map((v, i) => v - (x[i] as number));
    const y = next.gradient.map((v, i) => v - (gradient[i] as number));
    const curvature = dot(s, y);
    if (curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y))) {
      pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > memory) pairs.shift();
    }
    ({ x, gradient, value } = next);
  }
}

/** −H·g by the two loops over the remembered steps. */
function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
) {
  const q = Float64Array.from(gradient);
  const alphas: number[] = [];
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k] as (typeof pairs)[number];
    const alpha = rho * dot(s, q);
    alphas[k] = alpha;
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) - alpha * (y[i] as number);
  }
  const last = pairs.at(-1);
  const gamma = last === undefined ? 1 : 1 / (last.rho * dot(last.y, last.y));
  for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * gamma;
  pairs.forEach(({ s, y, rho }, k) => {
    const beta = rho * dot(y, q);
    for (let i = 0; i < q.length; i++)
      q[i] = (q[i] as number) + (s[i] as number) * ((alphas[k] as number) - beta);
  });
  return q.map((v) => -v);
}

/** Armijo's rule with quadratic interpolation. */
function search(from: {
  readonly objective: Objective;
  readonly x: Float64Array;
  readonly value: number;
  readonly direction: Float64Array;
  readonly slope: number;
  readonly first: number;
}): { x: Float64Array<ArrayBuffer>; gradient: Float64Array<ArrayBuffer>; value: number } | undefined {
  const gradient = new Float64Array(from.x.length);
  let step = from.first;
  for (let tries = 0; tries < 40; tries++) {
    const x = Float64Array.from(from.x, (v, i) => v + step * (from.direction[i] as number));
    const value = from.objective(x, gradient);
    if (value <= from.value + 1e-4 * step * from.slope && value < from.value) return { x, gradient, value };
    const interpolated = (-from.slope * step * step) / (2 * (value - from.value - from.slope * step));
    step = interpolated >= 0.1 * step && interpolated <= 0.5 * step ? interpolated : step / 2;
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
