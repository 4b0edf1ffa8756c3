import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader } from "../../../../src/services/kafka/protocol/frame-reader.ts";

function framed(body: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

describe("a frame reader", () => {
  it("gives every frame whole, however the stream is cut, with its bytes reused or not", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 4, maxLength: 90 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
        fc.boolean(),
        (frames, cuts, isReusing) => {
          const reader = new FrameReader(100, { isReusing });
          const stream = Buffer.concat(frames.map(framed));
          const seen: Buffer[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const length = cuts[turn % cuts.length] ?? 1;
            reader.push(stream.subarray(at, at + length));
            at += length;
            for (let frame = reader.next(); frame !== undefined; frame = reader.next())
              seen.push(Buffer.from(frame));
          }
          expect(seen).toEqual(frames.map((frame) => Buffer.from(frame)));
          expect(reader.bufferedBytes).toBe(0);
        },
      ),
    );
  });

  it("refuses a size that can't be, before its bytes come", () => {
    for (const size of [-1, 0, 3, 101, 0x7fffffff]) {
      const reader = new FrameReader(100);
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(size);
      reader.push(bytes);
      expect(() => reader.next()).toThrow(`${size} bytes`);
    }
  });
});
