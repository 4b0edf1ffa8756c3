import type { PartitionLog } from "../../../src/services/kafka/embedded/log/partition-log.ts";
import { makeBatch, readBatchHeader } from "../../../src/services/kafka/protocol/record-batch.ts";
import { encodeRecords } from "../../../src/services/kafka/protocol/record-encode.ts";
import { byteColumn } from "./columns.ts";

/** A batch of texts as a producer sends it. */
export function batchOf(
  values: readonly string[],
  options: {
    readonly timestamps?: readonly number[];
    readonly producer?: { readonly id: number; readonly epoch: number; readonly sequence: number };
    readonly isTransactional?: boolean;
  } = {},
): Buffer {
  const timestamps = Float64Array.from(options.timestamps ?? values.map(() => 1_000));
  const encoded = encodeRecords({ count: values.length, values: byteColumn(values), timestamps });
  const { producer } = options;
  return makeBatch({
    ...encoded,
    isTransactional: options.isTransactional === true,
    ...(producer === undefined
      ? {}
      : { producerId: producer.id, producerEpoch: producer.epoch, baseSequence: producer.sequence }),
  });
}

export function append(log: PartitionLog, batch: Buffer): number {
  return log.append(batch, 0, readBatchHeader(batch));
}
