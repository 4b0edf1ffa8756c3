/** Σ (a − b)² over p values, from these places on. Four sums run side by side. */
export function squaredDistance(
  a: Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
  p: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < p; j += 4) {
    const d0 = (a[atA + j] as number) - (b[atB + j] as number);
    const d1 = (a[atA + j + 1] as number) - (b[atB + j + 1] as number);
    const d2 = (a[atA + j + 2] as number) - (b[atB + j + 2] as number);
    const d3 = (a[atA + j + 3] as number) - (b[atB + j + 3] as number);
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; j < p; j++) {
    const d = (a[atA + j] as number) - (b[atB + j] as number);
    s0 += d * d;
  }
  return s0 + s1 + (s2 + s3);
}
