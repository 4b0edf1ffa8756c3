import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowsOf } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { labelsOf } from "../../src/ml/data/labels.ts";
import { matrixFromRows, UNSEEN } from "../../src/ml/data/matrix.ts";
import { fitSchema, toMatrix } from "../../src/ml/data/schema.ts";
import { hashIds, kFold, splitByHash, stratifiedSplit } from "../../src/ml/data/split.ts";
import { fitImpute, transformImpute } from "../../src/ml/prepare/impute.ts";
import { fitPreparation, prepare } from "../../src/ml/prepare/pipeline.ts";
import { fitRfm, transformRfm } from "../../src/ml/prepare/rfm.ts";
import { fitScale, transformScale } from "../../src/ml/prepare/scale.ts";
import { leads, oddLeads } from "./tables.ts";

describe("a matrix of a table", () => {
  test("has nulls as NaN, categories as codes and unseen values apart", () => {
    const schema = fitSchema(leads(200, 1), ["age", "visits", "city"]);
    const matrix = toMatrix(oddLeads(), schema);
    expect(schema[2]?.dictionary).toEqual(["Bogotá", "C\\D", "Lima", "O'Higgins", "Quito"]);
    expect([...(matrix.columns[0] ?? [])]).toEqual([41.5, Number.NaN, Number.NaN, 1e300, -1e-300]);
    expect([...(matrix.columns[2] ?? [])]).toEqual([UNSEEN, Number.NaN, 3, 1, UNSEEN]);
  });

  test("reads decimals, dates and timestamps as numbers", () => {
    const fields = fieldsOf({
      price: { kind: "decimal", precision: 10, scale: 2 },
      day: { kind: "date" },
      at: { kind: "timestamp" },
    });
    const table = tableFromRows(fields, [{ price: "12.50", day: "1970-01-11", at: "1970-01-01 00:00:01.5" }]);
    const matrix = toMatrix(table, fitSchema(table, ["price", "day", "at"]));
    expect(matrix.columns.map((column) => column[0])).toEqual([12.5, 10, 1.5]);
  });

  test("labels that are null, text or not 0 and 1 are refused", () => {
    const table = tableFromRows(fieldsOf({ y: { kind: "int32" }, s: { kind: "string" } }), [
      { y: 2, s: "yes" },
      { y: null, s: "no" },
    ]);
    expect(() => labelsOf(table, "y")).toThrow("must be 0 or 1");
    expect(() => labelsOf(table, "s")).toThrow("name the value that is positive");
    expect([...labelsOf(table, "s", "yes")]).toEqual([1, 0]);
  });
});

describe("splits by hash", () => {
  const hashes = hashIds(leads(1000, 1), "id", 7);
  const labels = Uint8Array.from({ length: 1000 }, (_, i) => Number(i % 10 === 0));

  test("hold every row once and keep a row's side when others are left out", () => {
    const { train, test: held } = splitByHash(hashes, 0.2);
    expect([...train, ...held].sort((a, b) => a - b)).toEqual([...hashes.keys()]);
    expect(held.length).toBeGreaterThan(150);
    expect(held.length).toBeLessThan(250);
    const half = splitByHash(hashes.subarray(0, 500), 0.2);
    expect([...half.test]).toEqual([...held].filter((row) => row < 500));
  });

  test("stratified, each class has its share", () => {
    const { test: held } = stratifiedSplit(hashes, labels, 0.25);
    expect(held.filter((row) => labels[row] === 1).length).toBe(25);
    expect(held.length).toBe(250);
  });

  test("each row is in the test of exactly one fold", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.boolean(), (k, stratified) => {
        const folds = kFold(hashes, k, stratified ? labels : undefined);
        const held = folds.flatMap((fold) => [...fold.test]).sort((a, b) => a - b);
        expect(held).toEqual([...hashes.keys()]);
      }),
    );
  });
});

describe("steps", () => {
  const numbers = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 30 });

  test("scaled columns have mean 0 and deviation 1 (n−1), a constant one is 0", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        fc.pre(Math.max(...values) - Math.min(...values) > 1e-3);
        const matrix = matrixFromRows(
          ["a", "c"],
          values.map((value) => [value, 0.1]),
        );
        const [scaled = new Float64Array(), constant] = transformScale(fitScale(matrix), matrix).columns;
        const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
        const squares = scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        expect(mean).toBeCloseTo(0, 6);
        expect(squares / (scaled.length - 1)).toBeCloseTo(1, 6);
        expect(constant?.every((value) => value === 0)).toBe(true);
      }),
    );
  });

  test("the imputer fills with the median of the training rows and refuses an empty column", () => {
    const state = fitImpute(matrixFromRows(["a"], [[1], [Number.NaN], [9], [3]]));
    expect(state).toEqual({ kind: "impute", fittedRows: 4, fill: { a: 3 } });
    expect([...(transformImpute(state, matrixFromRows(["a"], [[Number.NaN]])).columns[0] ?? [])]).toEqual([
      3,
    ]);
    expect(() => fitImpute(matrixFromRows(["a"], [[Number.NaN]]))).toThrow("no value at all");
  });

  test("a preparation is fitted on the training rows only, and its state is JSON", () => {
    const plans = [{ kind: "impute" }, { kind: "scale" }, { kind: "one-hot" }] as const;
    const { preparation, matrix } = fitPreparation(leads(100, 1), ["age", "visits", "city"], plans);
    const before = JSON.stringify(preparation);
    const odd = prepare(JSON.parse(before), oddLeads());
    expect(preparation.steps.map((step) => step.fittedRows)).toEqual([100, 100, 100]);
    expect(odd.features).toEqual(matrix.features);
    expect(JSON.stringify(preparation)).toBe(before);
    expect(odd.columns.slice(2).map((column) => column[0])).toEqual([0, 0, 0, 0, 0]);
  });
});

test("RFM counts days to the day after the last purchase", () => {
  const fields = fieldsOf({ who: { kind: "string" }, day: { kind: "date" }, euros: { kind: "float64" } });
  const purchases = tableFromRows(fields, [
    { who: "ana", day: "2024-01-01", euros: 10 },
    { who: "ana", day: "2024-01-05", euros: 2.5 },
    { who: "bo", day: "2024-01-09", euros: 1 },
    { who: null, day: "2024-01-09", euros: 1 },
  ]);
  const { table, skipped } = transformRfm(
    fitRfm(purchases, { customer: "who", date: "day", amount: "euros" }),
    purchases,
  );
  expect(skipped).toBe(1);
  expect(rowsOf(table)).toEqual([
    { who: "ana", recency: 5, frequency: 2, monetary: 12.5 },
    { who: "bo", recency: 1, frequency: 1, monetary: 1 },
  ]);
});
