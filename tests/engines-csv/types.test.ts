import { describe, expect, test } from "vitest";
import { cells, intake, typesOf } from "./intake.ts";

const { take, count, engine } = intake();

/** The type and the values of a column `v` beside an id. */
async function column(
  values: readonly string[],
  delimiter = ",",
): Promise<{ type: string; values: unknown[]; notes: string }> {
  const quoted = values.map((value) => (value.includes(delimiter) ? `"${value}"` : value));
  const { typed, inspection } = await take(
    `id${delimiter}v\n${quoted.map((v, i) => `${i}${delimiter}${v}\n`).join("")}`,
  );
  return {
    type: typesOf(inspection)[1]?.slice(2) ?? "",
    values: cells(typed).map((row) => row[1]),
    notes: (inspection.columns[1]?.notes ?? []).map((note) => note.en).join(" "),
  };
}

describe("types seen over the whole file", () => {
  test("integers past 2^53 stay exact, and past 2^63 stay text", async () => {
    const exact = await column(["9007199254740993", "-9223372036854775808", "9223372036854775807"]);
    expect(exact.type).toBe("int64");
    expect(exact.values).toEqual([9007199254740993n, -9223372036854775808n, 9223372036854775807n]);
    const big = await column(["1", "9223372036854775808"]);
    expect(big.type).toBe("string");
    expect(big.values).toEqual(["1", "9223372036854775808"]);
    expect(big.notes).toContain("64 bits");
  });

  test("ids with leading zeros stay text", async () => {
    const { type, values, notes } = await column(["10", "00123", "7"]);
    expect(type).toBe("string");
    expect(values).toEqual(["10", "00123", "7"]);
    expect(notes).toContain('line 3: "00123"');
  });

  test("a late change of type makes the column text, and says where and how often", async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `${i},${i === 89_999 ? "unknown" : i}\n`);
    const { inspection, result, view } = await count(`id,v\n${rows.join("")}`);
    expect(result.rejected).toBe(0);
    expect(typesOf(inspection)).toEqual(["id:int64", "v:string"]);
    expect(inspection.columns[1]?.notes[0]?.en).toBe(
      'Stays text: on line 90001: "unknown" is not a number; 1 of 100000 values don\'t fit.',
    );
    const late = await engine().query(`${result.typedSelect(view)} WHERE id = '89999'`);
    expect(cells(late)).toEqual([[89_999n, "unknown"]]);
  });

  test("decimals of one scale are exact, of several are doubles", async () => {
    expect(await column(["1.50", "-22.25"])).toMatchObject({
      type: "decimal(18,2)",
      values: ["1.50", "-22.25"],
    });
    expect(await column(["1.5", "22", "-0.125"])).toMatchObject({
      type: "float64",
      values: [1.5, 22, -0.125],
    });
    expect(await column([".5", "1.25"])).toMatchObject({ type: "float64", values: [0.5, 1.25] });
    expect(await column(["1.5e10", "2e-3", "4"])).toMatchObject({
      type: "float64",
      values: [1.5e10, 0.002, 4],
    });
    expect((await column(["0.12345678901234567", "1.5"])).type).toBe("string");
  });

  test("1.234 alone is read with a point, and with semicolons stays text", async () => {
    expect(await column(["1.234", "5.678"])).toMatchObject({
      type: "decimal(18,3)",
      values: ["1.234", "5.678"],
    });
    expect((await column(["1.234", "5.678"], ";")).type).toBe("string");
    expect((await column(["1,234", "5,678"], ";")).type).toBe("string");
  });

  test("another column settles what 1.234 is", async () => {
    const { typed } = await take("a;b\n1.234;0,5\n5.678;2,25\n");
    expect(cells(typed)).toEqual([
      [1234n, 0.5],
      [5678n, 2.25],
    ]);
  });

  test("both number formats in one column stay text", async () => {
    expect((await column(["1.234,50", "1,234.50"], ";")).type).toBe("string");
  });

  test("telephones, codes with an E and grouped codes stay text", async () => {
    expect((await column(["+34600111222", "+34600333444"])).type).toBe("string");
    expect((await column(["12E5", "7E3"])).type).toBe("string");
    expect((await column(["600 111 222", "600 333 444"])).type).toBe("string");
  });

  test("dates are read in three orders, with three separators", async () => {
    expect(await column(["2024-02-29", "2024-1-5"])).toMatchObject({
      type: "date",
      values: ["2024-02-29", "2024-01-05"],
    });
    expect(await column(["2024/02/29", "2024/12/05"])).toMatchObject({
      type: "date yyyy/mm/dd",
      values: ["2024-02-29", "2024-12-05"],
    });
    expect(await column(["31.12.2024", "1.2.2024"])).toMatchObject({
      type: "date dd.mm.yyyy",
      values: ["2024-12-31", "2024-02-01"],
    });
    expect(await column(["12/31/2024", "1/2/2024"])).toMatchObject({
      type: "date mm/dd/yyyy",
      values: ["2024-12-31", "2024-01-02"],
    });
  });

  test("a date that can be read in two orders, or is in no calendar, stays text", async () => {
    const ambiguous = await column(["01/02/2024", "03/04/2024"]);
    expect(ambiguous.type).toBe("string");
    expect(ambiguous.notes).toContain("day or month comes first");
    expect((await column(["25/12/2024", "12/25/2024"])).type).toBe("string");
    expect((await column(["2024-02-30", "2024-02-28"])).type).toBe("string");
    expect((await column(["01/02/24", "03/04/24"])).notes).toContain("century");
  });

  test("times are read to the microsecond, in UTC only", async () => {
    expect(
      await column(["2024-01-05 10:00:00", "2024-01-05T9:05:07.123456Z", "2024-01-05 23:59"]),
    ).toMatchObject({
      type: "timestamp",
      values: ["2024-01-05 10:00:00", "2024-01-05 09:05:07.123456", "2024-01-05 23:59:00"],
    });
    expect(await column(["31/12/2024 10:00", "1/2/2024 9:05:07"])).toMatchObject({
      type: "timestamp dd/mm/yyyy hh:mm:ss",
      values: ["2024-12-31 10:00:00", "2024-02-01 09:05:07"],
    });
    expect((await column(["2024-01-05 10:00:00+02:00"])).notes).toContain("offset");
  });

  test("truth values are read in several languages, when both sides are there", async () => {
    expect(await column(["true", "FALSE", "True"])).toMatchObject({
      type: "boolean",
      values: [true, false, true],
    });
    expect(await column(["sí", "no", "SÍ", "si"])).toMatchObject({
      type: "boolean sí/no",
      values: [true, false, true, true],
    });
    expect(await column(["Y", "N"])).toMatchObject({ type: "boolean y/n", values: [true, false] });
    expect((await column(["F", "F"])).type).toBe("string");
    expect((await column(["F", "M"])).type).toBe("string");
  });

  test("NA and its like are no value among numbers, and text among text", async () => {
    const { type, values, notes } = await column(["1", "NA", "-", "3", "\\N"]);
    expect(type).toBe("int64");
    expect(values).toEqual([1n, null, null, 3n, null]);
    expect(notes).toContain('"-", "NA", "\\N"');
    expect(await column(["x", "NA", "-"])).toMatchObject({ type: "string", values: ["x", "NA", "-"] });
  });

  test("spaces around numbers and dates are no part of them; a blank is no value", async () => {
    expect(await column([" 1", "2 ", "  ", '""'])).toMatchObject({
      type: "int64",
      values: [1n, 2n, null, null],
    });
  });

  test("a column without any value is text", async () => {
    expect(await column(["", "", ""])).toMatchObject({ type: "string", values: [null, null, null] });
  });
});
