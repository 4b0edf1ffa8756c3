import { describe, expect, test } from "vitest";
import { formatBytes, formatSeconds } from "../../src/cli/ui/numbers.ts";
import { formatNumber, localizeDigits } from "../../src/core/numbers.ts";
import { typed } from "./looks.ts";

describe("numbers", () => {
  test.each([
    [1234.5, "1 234,5", "1,234.5"],
    [5_000_000, "5 000 000", "5,000,000"],
    [-1234, "-1 234", "-1,234"],
    [0.1 + 0.2, "0,3", "0.3"],
    [1 / 3, "0,333333", "0.333333"],
    [0, "0", "0"],
    [999, "999", "999"],
    [12345678901234567890n, "12 345 678 901 234 567 890", "12,345,678,901,234,567,890"],
    [Number.NaN, "NaN", "NaN"],
    [1e-9, "1e-9", "1e-9"],
    [1e300, "1e+300", "1e+300"],
  ])("writes %s in each locale's form", (value, es, en) => {
    expect(typed(formatNumber(value, "es"))).toBe(es);
    expect(formatNumber(value, "en")).toBe(en);
  });

  test("keeps each digit of a decimal's text", () => {
    expect(typed(localizeDigits("123456789012345678.90", "es"))).toBe("123 456 789 012 345 678,90");
    expect(localizeDigits("2024-01-05", "es")).toBe("2024-01-05");
  });

  test.each([
    [0.0029, "3 ms"],
    [0.344, "0,34 s"],
    [9.8, "9,80 s"],
    [12.34, "12,3 s"],
    [125, "2 min 05 s"],
    [4320, "1 h 12 min"],
  ])("writes %d seconds", (seconds, expected) => {
    expect(formatSeconds(seconds, "es")).toBe(expected);
  });

  test.each([
    [812, "812 B"],
    [14_900, "14,9 kB"],
    [231_400_000, "231,4 MB"],
    [999_960, "1,0 MB"],
  ])("writes %d bytes", (bytes, expected) => {
    expect(formatBytes(bytes, "es")).toBe(expected);
  });
});
