import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../src/core/table.ts";
import { JsonColumns, type JsonField } from "../../src/streaming/json/json-columns.ts";

const fields: readonly JsonField[] = [
  { name: "id", type: { kind: "int64" }, isRequired: true },
  { name: "name", type: { kind: "string" } },
  { name: "amount", type: { kind: "float64" } },
  { name: "price", type: { kind: "decimal", precision: 12, scale: 2 } },
  { name: "at", type: { kind: "timestamp" } },
  { name: "ok", type: { kind: "boolean" } },
  { name: "n", type: { kind: "int32" } },
  { name: "day", type: { kind: "date" } },
];

function read(
  texts: readonly string[],
  own: readonly JsonField[] = fields,
): ReturnType<JsonColumns["finish"]> {
  const reader = new JsonColumns(own, texts.length);
  const parts = texts.map((text) => Buffer.from(text));
  const all = Buffer.concat(parts);
  let from = 0;
  for (const part of parts) {
    reader.add(all, from, from + part.length);
    from += part.length;
  }
  return reader.finish();
}

const reasons = (texts: readonly string[]): unknown =>
  read(texts).bad.map((one) => [one.message, one.reason]);

describe("JSON messages as columns", () => {
  it("reads every type, in any order, with unknown fields and spaces", () => {
    const { table, bad } = read([
      '{"id":1,"name":"ñandú \\"x\\" \\u00e9","amount":-1.5e3,"price":12.30,"at":"2024-01-05T10:00:00.123456Z","ok":true,"n":-7,"day":"2024-02-29"}',
      ' { "ok" : false , "more" : {"a":[1,{"b":null}],"c":"}"} , "id" : 2 , "at" : 1704448800000 } ',
    ]);
    expect(bad).toEqual([]);
    expect(rowsOf(table)).toEqual([
      {
        id: 1n,
        name: 'ñandú "x" é',
        amount: -1500,
        price: "12.30",
        at: "2024-01-05 10:00:00.123456",
        ok: true,
        n: -7,
        day: "2024-02-29",
      },
      {
        id: 2n,
        name: null,
        amount: null,
        price: null,
        at: "2024-01-05 10:00:00",
        ok: false,
        n: null,
        day: null,
      },
    ]);
  });

  it("keeps 64-bit integers and decimals exact", () => {
    const { table } = read([
      '{"id":9223372036854775807,"price":9999999999.99}',
      '{"id":-9007199254740993,"price":"0.10"}',
    ]);
    expect(rowsOf(table).map((row) => [row.id, row.price])).toEqual([
      [9223372036854775807n, "9999999999.99"],
      [-9007199254740993n, "0.10"],
    ]);
  });

  it("says of each bad message which it was and why; the others are rows", () => {
    const texts = [
      "",
      "{",
      "[1]",
      '{"id":1}x',
      '{"id":"1a"}',
      '{"id":null}',
      "{}",
      '{"id":1.5}',
      '{"id":1,"ok":1}',
      '{"id":1,"at":"2024-02-30T00:00:00Z"}',
      '{"id":1,"name":3}',
      '{"id":01}',
      '{"id":1,"n":2147483648}',
      '{"id":4}',
    ];
    expect(reasons(texts)).toEqual([
      [0, "no JSON object"],
      [1, "no JSON object"],
      [2, "no JSON object"],
      [3, "text after the JSON object"],
      [4, '"id" is no whole number'],
      [5, '"id" is missing'],
      [6, '"id" is missing'],
      [7, '"id" is no whole number'],
      [8, '"ok" is no boolean'],
      [9, '"at" is no time'],
      [10, '"name" is no text'],
      [11, "no JSON object"],
      [12, '"n" is no whole number of 32 bits'],
    ]);
    expect(rowsOf(read(texts).table).map((row) => row.id)).toEqual([4n]);
    expect([...read(texts).messages]).toEqual([13]);
  });

  it("a value that a bad message left behind is not in the next row", () => {
    const { table } = read(['{"id":1,"name":"left","ok":7}', '{"id":2}']);
    expect(rowsOf(table)[0]).toMatchObject({ id: 2n, name: null, ok: null });
  });

  it("agrees with JSON.parse on which bytes are an object, and on its values", () => {
    const own: readonly JsonField[] = [
      { name: "a", type: { kind: "string" } },
      { name: "b", type: { kind: "float64" } },
      { name: "c", type: { kind: "boolean" } },
    ];
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(
        fc.record(
          {
            a: fc.string({ unit: "grapheme" }),
            b: fc.double({ noNaN: true, noDefaultInfinity: true }),
            c: fc.boolean(),
            x: fc.dictionary(fc.string(), value),
          },
          { requiredKeys: [] },
        ),
        (object) => {
          const { table, bad } = read([JSON.stringify(object)], own);
          expect(bad).toEqual([]);
          const expected = JSON.parse(JSON.stringify(object));
          const [row] = rowsOf(table);
          expect(row).toEqual({ a: expected.a ?? null, b: expected.b ?? null, c: expected.c ?? null });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("agrees with JSON.parse on bytes that were changed", () => {
    const text = '{"a":"x\\u0041é","b":-12.5e2,"c":true,"x":[null,{"y":"z"}]}';
    const bytes = Buffer.from(text);
    const strict = new TextDecoder("utf-8", { fatal: true });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (place, byte) => {
        const changed = Buffer.from(bytes);
        changed[place] = byte;
        const reader = new JsonColumns([{ name: "qq", type: { kind: "string" } }], 1);
        reader.add(changed, 0, changed.length);
        let isObject = false;
        try {
          const parsed: unknown = JSON.parse(strict.decode(changed));
          isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
        } catch {
          isObject = false;
        }
        expect(reader.finish().bad.length === 0).toBe(isObject);
      }),
      { numRuns: 3000 },
    );
  });
});
