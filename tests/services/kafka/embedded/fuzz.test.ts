import { connect } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BrokerEvent } from "../../../../src/services/kafka/embedded/server.ts";
import { encodeRequest } from "../../../../src/services/kafka/protocol/api.ts";
import { allApis, apis } from "../../../../src/services/kafka/protocol/apis.ts";
import { openTopicLog } from "../../../../src/services/kafka/topic-log.ts";
import { batchOf } from "../batches.ts";
import { byteColumn, textsOf } from "../columns.ts";
import { withBroker } from "../with-broker.ts";

const SECRET = "what another client keeps to itself";

const request = fc
  .constantFrom(...allApis)
  .chain((api) => fc.tuple(fc.constant(api), fc.integer({ min: api.min, max: api.max })));

/** A header that is right, then any bytes. */
const anyBody = fc.tuple(request, fc.uint8Array({ maxLength: 400 })).map(([[api, version], bytes]) => {
  const [frame] = encodeRequest(
    { ...api, request: { ...api.request, write: (to) => to.bytes(bytes) } },
    { version, correlationId: 1, clientId: "fuzz" },
    undefined,
  );
  return frame ?? Buffer.alloc(0);
});

/** Requests that are right but for some bytes. */
const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 });
const garbled = fc.tuple(request, flips).map(([[api, version], changes]) => {
  const frame = Buffer.concat(
    encodeRequest(api, { version, correlationId: 1, clientId: "fuzz" }, api.request.empty),
  );
  for (const [at, byte] of changes) frame[12 + (at % Math.max(frame.length - 12, 1))] = byte;
  return frame;
});
const produced = fc.tuple(flips, fc.integer({ min: 3, max: 12 })).map(([changes, version]) => {
  const records = batchOf(["a", "b", "c"], { producer: { id: 3, epoch: 0, sequence: 0 } });
  const frame = Buffer.concat(
    encodeRequest(
      apis.produce,
      { version, correlationId: 1, clientId: "fuzz" },
      {
        transactionalId: null,
        acks: 1,
        timeoutMs: 100,
        topics: [{ name: "open", partitions: [{ index: 0, records }] }],
      },
    ),
  );
  for (const [at, byte] of changes) frame[20 + (at % (frame.length - 20))] = byte;
  return frame;
});

/** All that comes back for some bytes until the connection ends. */
function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const got: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk: Buffer) => got.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(got)));
    socket.end(bytes);
  });
}

describe("any bytes", () => {
  it("make the broker neither fail nor tell what is another's", async () => {
    const events: BrokerEvent[] = [];
    let answered = 0;
    await withBroker(
      async ({ server, restart }) => {
        const log = openTopicLog({ brokers: server.brokers });
        await log.createTopic("theirs");
        await log.createTopic("open");
        await log.append("theirs", 0, { count: 1, values: byteColumn([SECRET]) });
        const read = async () => {
          const rows: (string | null)[] = [];
          for await (const { bytes, valueStarts, valueEnds } of log.read({
            topic: "theirs",
            partition: 0,
            from: 0,
            to: 1,
          }))
            rows.push(...textsOf(bytes, valueStarts, valueEnds));
          return rows;
        };
        await fc.assert(
          fc.asyncProperty(
            fc.array(
              fc.oneof(anyBody, garbled, produced, fc.uint8Array({ maxLength: 200 }).map(Buffer.from)),
              {
                minLength: 1,
                maxLength: 4,
              },
            ),
            async (frames) => {
              const answer = await exchange(server.port, Buffer.concat(frames));
              if (answer.length > 0) answered++;
              expect(answer.includes(SECRET)).toBe(false);
              expect(events.filter(({ kind }) => kind !== "bad-request")).toEqual([]);
            },
          ),
          { numRuns: 1_500 },
        );
        // Both kinds were tried: what is understood in spite of all, and what is not.
        expect(answered).toBeGreaterThan(300);
        expect(events.length).toBeGreaterThan(300);
        expect(await read()).toEqual([SECRET]);
        await restart();
        expect(await read()).toEqual([SECRET]);
        await log.close();
      },
      { onEvent: (event) => events.push(event) },
    );
  });
});
