import { makeBatch, readBatchHeader } from "../../protocol/record-batch.ts";
import { decodeRecords } from "../../protocol/record-columns.ts";
import { encodeRecords } from "../../protocol/record-encode.ts";

// The marker that ends a transaction in a partition: a control batch of one record (KIP-98, "Control Messages").
// Key: version, type (0 abort, 1 commit). Value: version, the coordinator's epoch.

export type MarkerKind = "commit" | "abort";

export function makeMarker(input: {
  readonly kind: MarkerKind;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestamp: number;
}): Buffer {
  const record = Buffer.alloc(10);
  record.writeInt16BE(input.kind === "commit" ? 1 : 0, 2);
  record.writeInt32BE(input.coordinatorEpoch, 6);
  const range = (start: number, end: number) => ({
    bytes: record,
    starts: Int32Array.of(start),
    ends: Int32Array.of(end),
  });
  const encoded = encodeRecords({
    count: 1,
    keys: range(0, 4),
    values: range(4, 10),
    timestamps: input.timestamp,
  });
  return makeBatch({
    ...encoded,
    isTransactional: true,
    isControl: true,
    producerId: input.producerId,
    producerEpoch: input.producerEpoch,
  });
}

/** What a control batch says; undefined for one that is no transaction's marker. */
export function readMarker(batch: Buffer): MarkerKind | undefined {
  if (readBatchHeader(batch).recordCount !== 1) return undefined;
  const columns = decodeRecords(batch);
  const keyStart = columns?.keyStarts[0] ?? -1;
  if (columns === undefined || keyStart < 0 || (columns.keyEnds[0] ?? 0) - keyStart < 4) return undefined;
  const type = columns.bytes.readInt16BE(keyStart + 2);
  return type === 1 ? "commit" : type === 0 ? "abort" : undefined;
}
