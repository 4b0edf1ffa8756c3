import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError, Reader } from "../../../../src/services/kafka/protocol/reader.ts";
import { between, optional, since, struct, tagged } from "../../../../src/services/kafka/protocol/struct.ts";
import {
  array,
  bytes,
  int16,
  int64,
  nullableString,
  string,
  type Type,
  uuid,
  type Version,
} from "../../../../src/services/kafka/protocol/types.ts";
import { Writer } from "../../../../src/services/kafka/protocol/writer.ts";

const plain = (version: number): Version => ({ version, isFlexible: false });
const flexible = (version: number): Version => ({ version, isFlexible: true });

function write<T, In>(type: Type<T, In>, value: In, at: Version): Buffer {
  const to = new Writer();
  type.write(to, value, at);
  return Buffer.concat(to.finish());
}

function roundTrip<T, In>(type: Type<T, In>, value: In, at: Version): T {
  const from = new Reader(write(type, value, at));
  const read = type.read(from, at);
  expect(from.left).toBe(0);
  return read;
}

describe("primitive types", () => {
  it("stand on the wire as the protocol says", () => {
    expect(write(string, "hé", plain(0)).toString("hex")).toBe("000368c3a9");
    expect(write(string, "hé", flexible(0)).toString("hex")).toBe("0468c3a9");
    expect(write(nullableString, null, plain(0)).toString("hex")).toBe("ffff");
    expect(write(nullableString, null, flexible(0)).toString("hex")).toBe("00");
    expect(write(array(int16), [1, -1], plain(0)).toString("hex")).toBe("000000020001ffff");
    expect(write(array(int16), [1, -1], flexible(0)).toString("hex")).toBe("030001ffff");
    expect(write(bytes, Buffer.from([9]), flexible(0)).toString("hex")).toBe("0209");
    expect(write(int64, -2, plain(0)).toString("hex")).toBe("fffffffffffffffe");
    expect(write(int64, 2 ** 63, plain(0)).toString("hex")).toBe("7fffffffffffffff");
    expect(write(int64, -(2 ** 63), plain(0)).toString("hex")).toBe("8000000000000000");
  });

  it("come back as they went", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string({ unit: "grapheme" }), (number, text) => {
        expect(roundTrip(int64, number, plain(0))).toBe(number);
        expect(roundTrip(string, text, plain(0))).toBe(text);
        expect(roundTrip(string, text, flexible(0))).toBe(text);
      }),
    );
    expect(roundTrip(uuid, "00112233445566778899aabbccddeeff", plain(0))).toBe(
      "00112233445566778899aabbccddeeff",
    );
  });

  it("read varints of every length as they were written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2147483648, max: 2147483647 }),
        fc.nat({ max: 4294967295 }),
        fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
        (signed, unsigned, long) => {
          const to = new Writer();
          to.varint(signed);
          to.unsignedVarint(unsigned);
          to.varlong(long);
          const from = new Reader(Buffer.concat(to.finish()));
          expect([from.varint(), from.unsignedVarint(), from.varlong(), from.left]).toEqual([
            signed,
            unsigned,
            long,
            0,
          ]);
        },
      ),
    );
  });

  it("refuse lengths that the frame does not have", () => {
    const claims = new Writer();
    claims.int32(2_000_000_000);
    const frame = Buffer.concat(claims.finish());
    expect(() => array(int16).read(new Reader(frame), plain(0))).toThrow(ProtocolError);
    expect(() => bytes.read(new Reader(frame), plain(0))).toThrow(ProtocolError);
    expect(() => string.read(new Reader(Buffer.from("ffff", "hex")), plain(0))).toThrow(
      "null where a string",
    );
    expect(() => new Reader(Buffer.from("ffffffffff01", "hex")).unsignedVarint()).toThrow(ProtocolError);
  });
});

describe("struct", () => {
  const message = struct({
    name: string,
    old: between(0, 1, int16, -7),
    fresh: since(2, nullableString),
    note: optional(string, "none"),
    extra: tagged(3, 2, array(string)),
  });

  it("reads a field of another version as its absent value", () => {
    expect(roundTrip(message, { name: "a", old: 5, fresh: "x" }, plain(1))).toEqual({
      name: "a",
      old: 5,
      fresh: null,
      note: "none",
      extra: [],
    });
    expect(
      roundTrip(message, { name: "a", old: 5, fresh: "x", note: "n", extra: ["t"] }, flexible(2)),
    ).toEqual({
      name: "a",
      old: -7,
      fresh: "x",
      note: "n",
      extra: ["t"],
    });
  });

  it("skips tagged fields that it does not know", () => {
    const newer = struct({ name: string, one: tagged(0, 0, string), extra: tagged(9, 0, string) });
    const older = struct({ name: string, extra: tagged(9, 0, string) });
    const sent = write(newer, { name: "a", one: "unknown to the other", extra: "known" }, flexible(0));
    expect(older.read(new Reader(sent), flexible(0))).toEqual({ name: "a", extra: "known" });
  });
});
