/**
 * Seeded random numbers from 32-bit integer operations only, so that a seed gives the same bits on
 * every Node version and machine (`Math.pow`, `exp` and `log` are not promised to).
 *
 * sfc32 (Chris Doty-Humphrey's PractRand), seeded by splitmix32 over the words of the seed.
 */
export interface Random {
  /** An integer in [0, 2³²). */
  uint32(): number;
  /** A double in [0, 1) with 53 random bits. */
  double(): number;
  /** An integer in [0, n), n ≤ 2³², without modulo bias. */
  below(n: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One element; throws a RangeError for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A standard normal deviate: the sum of 12 uniforms minus 6 (exact arithmetic; tails end at ±6). */
  normal(): number;
}

/** Several words name a stream: `seededRandom(seed, block)` gives each block of rows its own. */
export function seededRandom(...words: readonly number[]): Random {
  let mix = 0x9e3779b9;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  for (const word of words) {
    mix = (mix ^ (word >>> 0)) | 0;
    next();
    mix = (mix ^ Math.floor(word / 4294967296)) | 0;
    mix = next() | 0;
  }
  let a = next() | 0;
  let b = next() | 0;
  let c = next() | 0;
  let d = 1;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  const double = (): number => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  const below = (n: number): number => {
    if (!(n >= 1)) throw new RangeError(`below(${n}): n must be at least 1`);
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const value = uint32();
      if (value < limit) return value % n;
    }
  };
  return {
    uint32,
    double,
    below,
    chance: (probability) => double() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("pick: the list is empty");
      return item;
    },
    normal: () => {
      let sum = 0;
      for (let i = 0; i < 12; i++) sum += double();
      return sum - 6;
    },
  };
}
