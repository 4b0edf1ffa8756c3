import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";

describe("seeded random", () => {
  test("a seed gives these very numbers, on every Node", () => {
    const random = seededRandom(7, 1);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual(FIRST);
  });

  test("streams of neighbouring seeds and blocks differ from the first number", () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 50; seed++)
      for (let block = 0; block < 50; block++) firsts.add(seededRandom(seed, block).uint32());
    expect(firsts.size).toBe(2500);
  });

  test("uniforms fill their tenths evenly and normals have mean 0 and variance 1", () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    let sum = 0;
    let squares = 0;
    const n = 100_000;
    for (let i = 0; i < n; i++) {
      const tenth = Math.floor(random.double() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      const z = random.normal();
      sum += z;
      squares += z * z;
    }
    // Chi-squared with 9 degrees of freedom: 27.9 is its 99.9 % point.
    const chi = tenths.reduce((total, count) => total + (count - n / 10) ** 2 / (n / 10), 0);
    expect(chi).toBeLessThan(27.9);
    expect(Math.abs(sum / n)).toBeLessThan(0.015);
    expect(Math.abs(squares / n - 1)).toBeLessThan(0.02);
  });

  test("below never reaches its bound and refuses an empty range", () => {
    const random = seededRandom(3);
    for (let i = 0; i < 1000; i++) expect(random.below(3)).toBeLessThan(3);
    expect(() => random.below(0)).toThrow(RangeError);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});

const FIRST = [2232277710, 4229259909, 2245572823];
