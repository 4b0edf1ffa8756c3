import { expect, test } from "vitest";
import { categoryOf } from "../../src/serving/categories.ts";

test("categoryOf puts a bound into the category above it", () => {
  expect([0, 0.3999, 0.4, 0.6999, 0.7, 1].map(categoryOf)).toEqual([
    "Cold",
    "Cold",
    "Warm",
    "Warm",
    "Hot",
    "Hot",
  ]);
});

test("categoryOf refuses what is no probability", () => {
  for (const wrong of [-0.01, 1.01, Number.NaN]) expect(() => categoryOf(wrong)).toThrow(RangeError);
});
