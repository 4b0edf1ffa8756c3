import { describe, expect, test } from "vitest";
import { judgeAnswer, numberReadings } from "../../../src/grading/checks/answers.ts";
import { valueNear } from "../../../src/grading/checks/value.ts";

describe("a number in an answers file", () => {
  test.each([
    ["1.234,5", [1234.5]],
    ["1,234.5", [1234.5]],
    ["1 234,5", [1234.5]],
    ["1\u00a0234,5", [1234.5]],
    ["1\u202f234.5", [1234.5]],
    ["1234.5", [1234.5]],
    ["1234,5", [1234.5]],
    ["-0,25", [-0.25]],
    ["−3", [-3]],
    ["+7", [7]],
    ["12.345.678", [12345678]],
    ["12,5 %", [12.5]],
    ["40 ms", [40]],
    ["1'234", [1234]],
    ["0,5", [0.5]],
    ["1.250", [1.25, 1250]],
    ["1,250", [1250, 1.25]],
    [1250, [1250]],
    [12n, [12]],
  ])("%s is read in either locale's form", (given, values) => {
    expect(numberReadings(given).sort()).toEqual([...values].sort());
  });

  test.each(["", "abc", "1.23.4567", "1,2,3", "12 34 rows x", "--3", "1e5x5", true, null, {}])(
    "%s is none",
    (given) => {
      expect(numberReadings(given)).toEqual([]);
    },
  );

  test("is missing, unreadable, wrong or right, within the tolerance", () => {
    expect(judgeAnswer(undefined, 5)).toBe("missing");
    expect(judgeAnswer("  ", 5)).toBe("missing");
    expect(judgeAnswer("many", 5)).toBe("form");
    expect(judgeAnswer("6", 5)).toBe("wrong");
    expect(judgeAnswer("5,004", 5, 0.001)).toBe("right");
    expect(judgeAnswer("5,1", 5, 0.001)).toBe("wrong");
  });
});

describe("other answers", () => {
  test("texts ignore case and blanks, booleans take both languages", () => {
    expect(judgeAnswer(" Soria ", "soria")).toBe("right");
    expect(judgeAnswer("Lugo", "soria")).toBe("wrong");
    expect(judgeAnswer("Sí", true)).toBe("right");
    expect(judgeAnswer("no", true)).toBe("wrong");
    expect(judgeAnswer("maybe", true)).toBe("form");
    expect(judgeAnswer(["a"], "a")).toBe("form");
  });
});

describe("a value near the expected one", () => {
  test("compares integers exactly, fractions and decimals within the tolerance", () => {
    expect(valueNear(1_000_000_000_001, 1_000_000_000_000)).toBe(false);
    expect(valueNear(5n, 5)).toBe(true);
    expect(valueNear(0.1 + 0.2, 0.3)).toBe(true);
    expect(valueNear("12.50", 12.5)).toBe(true);
    expect(valueNear("12.5x", "12.5")).toBe(false);
    expect(valueNear(Number.NaN, Number.NaN)).toBe(true);
    expect(valueNear(null, 0)).toBe(false);
    expect(valueNear(102, 100, 0.05)).toBe(true);
  });
});
