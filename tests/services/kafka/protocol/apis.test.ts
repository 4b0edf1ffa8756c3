import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  isFlexible,
} from "../../../../src/services/kafka/protocol/api.ts";
import { allApis, apis } from "../../../../src/services/kafka/protocol/apis.ts";
import { ProtocolError, Reader } from "../../../../src/services/kafka/protocol/reader.ts";

const versions = allApis.flatMap((api) =>
  Array.from({ length: api.max - api.min + 1 }, (_, i) => ({ api, version: api.min + i })),
);

describe("the messages of every API and version", () => {
  it("are encoded with their own size in front, and decoded to the same", () => {
    for (const { api, version } of versions) {
      const head = { version, correlationId: 77, clientId: "tést" };
      const request = Buffer.concat(encodeRequest(api, head, api.request.empty));
      expect(request.readInt32BE(0), api.name).toBe(request.length - 4);
      const decoded = decodeRequest(api, request.subarray(4));
      expect(decoded.head, api.name).toEqual({ ...head, key: api.key });
      expect(decoded.body, api.name).toEqual(api.request.empty);
      const response = Buffer.concat(encodeResponse(api, head, api.response.empty));
      expect(response.readInt32BE(0), api.name).toBe(response.length - 4);
      expect(decodeResponse(api, response.subarray(4), version), api.name).toEqual({
        correlationId: 77,
        body: api.response.empty,
      });
    }
  });

  it("end in a protocol error when they are cut or garbled, and in nothing else", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...versions),
        fc.uint8Array({ maxLength: 300 }),
        ({ api, version }, bytes) => {
          for (const type of [api.request, api.response]) {
            try {
              type.read(new Reader(Buffer.from(bytes)), { version, isFlexible: isFlexible(api, version) });
            } catch (error) {
              expect(error).toBeInstanceOf(ProtocolError);
            }
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("keep every field of a nested message that has been filled", () => {
    const body = {
      transactionalId: "tx",
      acks: -1,
      timeoutMs: 30_000,
      topics: [
        {
          name: "leads",
          topicId: "0".repeat(32),
          partitions: [{ index: 3, records: Buffer.alloc(5_000, 1) }],
        },
      ],
    };
    const frame = Buffer.concat(
      encodeRequest(apis.produce, { version: 9, correlationId: 1, clientId: null }, body),
    );
    expect(decodeRequest(apis.produce, frame.subarray(4)).body).toEqual(body);
  });
});
