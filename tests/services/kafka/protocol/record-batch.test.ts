import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compress } from "../../../../src/services/kafka/protocol/compression.ts";
import { crc32c } from "../../../../src/services/kafka/protocol/crc32c.ts";
import { decodeLz4Frames } from "../../../../src/services/kafka/protocol/lz4.ts";
import {
  batchCrc,
  HEADER_BYTES,
  makeBatch,
  placeBatch,
  readBatchHeader,
  stampAppendTime,
} from "../../../../src/services/kafka/protocol/record-batch.ts";
import { decodeRecords, readRecordHeaders } from "../../../../src/services/kafka/protocol/record-columns.ts";
import { encodeRecords } from "../../../../src/services/kafka/protocol/record-encode.ts";
import { decodeSnappy } from "../../../../src/services/kafka/protocol/snappy.ts";
import { byteColumn, textsOf } from "../columns.ts";

describe("crc32c", () => {
  it("gives the check values of RFC 3720", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
  });

  it("of two halves, one seeded with the other, is that of the whole", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, at) => {
        const cut = at % (bytes.length + 1);
        expect(crc32c(bytes, cut, bytes.length, crc32c(bytes, 0, cut))).toBe(crc32c(bytes));
      }),
    );
  });
});

describe("record batch", () => {
  it("decodes what was encoded, with nulls, headers and any timestamps", () => {
    const cell = fc.option(fc.string({ maxLength: 300 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, fc.integer({ min: 0, max: 2 ** 45 })), { minLength: 1, maxLength: 40 }),
        fc.constantFrom("none" as const, "gzip" as const),
        (rows, codec) => {
          const encoded = encodeRecords({
            count: rows.length,
            keys: byteColumn(rows.map(([key]) => key)),
            values: byteColumn(rows.map(([, value]) => value)),
            timestamps: Float64Array.from(rows.map(([, , time]) => time)),
            headers: [{ key: "origin", value: Buffer.from("test") }],
          });
          const batch = makeBatch({ ...encoded, codec, body: compress(codec, encoded.body), baseOffset: 70 });
          const columns = decodeRecords(batch);
          if (columns === undefined) throw new Error("not decoded");
          expect(textsOf(columns.bytes, columns.keyStarts, columns.keyEnds)).toEqual(
            rows.map(([key]) => key),
          );
          expect(textsOf(columns.bytes, columns.valueStarts, columns.valueEnds)).toEqual(
            rows.map(([, value]) => value),
          );
          expect([...columns.timestamps]).toEqual(rows.map(([, , time]) => time));
          expect([...columns.offsets]).toEqual(rows.map((_, row) => 70 + row));
          expect(readRecordHeaders(columns, rows.length - 1)).toEqual([
            { key: "origin", value: Buffer.from("test") },
          ]);
        },
      ),
    );
  });

  it("keeps its CRC when a broker places it, and gets a new one when a broker stamps it", () => {
    const encoded = encodeRecords({ count: 2, values: byteColumn(["a", "b"]), timestamps: 1_000 });
    const batch = makeBatch(encoded);
    const before = readBatchHeader(batch);
    placeBatch(batch, 0, 123_456_789_012, 4);
    const placed = readBatchHeader(batch);
    expect(placed).toEqual({
      ...before,
      baseOffset: 123_456_789_012,
      lastOffset: 123_456_789_013,
      leaderEpoch: 4,
    });
    expect(batchCrc(batch, 0, batch.length)).toBe(placed.crc);
    stampAppendTime(batch, 0, batch.length, 5_000);
    expect(batchCrc(batch, 0, batch.length)).toBe(readBatchHeader(batch).crc);
    expect([...(decodeRecords(batch)?.timestamps ?? [])]).toEqual([5_000, 5_000]);
  });

  it("that lies about its records is refused, whatever it claims", () => {
    const encoded = encodeRecords({ count: 1, values: byteColumn(["a"]), timestamps: 1 });
    const batch = makeBatch(encoded);
    batch.writeInt32BE(2_000_000_000, 57);
    expect(() => decodeRecords(batch)).toThrow("2000000000 records");
    const bomb = makeBatch({ ...encoded, codec: "gzip", body: gzipSync(Buffer.alloc(300 * 1024 * 1024)) });
    expect(() => decodeRecords(bomb)).toThrow();
    expect(HEADER_BYTES).toBe(61);
  });
});

describe("codecs of other producers", () => {
  it("decode snappy: literals, copies that overlap, Xerial's blocks", () => {
    // "abababab" + "Z": a literal of two, a copy of six from two back, a literal of one.
    const block = Buffer.from([9, (2 - 1) << 2, 0x61, 0x62, ((6 - 4) << 2) | 1, 2, 0, 0x5a]);
    expect(decodeSnappy(block, 100).toString()).toBe("ababababZ");
    const size = Buffer.alloc(4);
    size.writeInt32BE(block.length);
    const xerial = Buffer.concat([
      Buffer.from("82534e4150505900", "hex"),
      Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]),
      size,
      block,
      size,
      block,
    ]);
    expect(decodeSnappy(xerial, 100).toString()).toBe("ababababZababababZ");
    expect(() => decodeSnappy(block, 8)).toThrow("snappy");
    expect(() => decodeSnappy(Buffer.from([4, ((6 - 4) << 2) | 1, 2]), 100)).toThrow();
  });

  it("decode LZ4 frames: literals, copies, stored blocks", () => {
    const stored = Buffer.from(
      `04224d1860408205000080${Buffer.from("hello").toString("hex")}00000000`,
      "hex",
    );
    expect(decodeLz4Frames(stored, 1 << 20).toString()).toBe("hello");
    // token: 2 literals, a match of 4 + 2; then a last literal.
    const body = Buffer.from([0x22, 0x61, 0x62, 2, 0, 0x10, 0x5a]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    const packed = Buffer.concat([Buffer.from("04224d18604082", "hex"), size, body, Buffer.alloc(4)]);
    expect(decodeLz4Frames(packed, 1 << 20).toString()).toBe("ababababZ");
  });

  it("never do worse than an error on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const decode of [decodeSnappy, decodeLz4Frames]) {
          try {
            expect(decode(Buffer.from(bytes), 1 << 16).length).toBeLessThanOrEqual(1 << 16);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
