import { ErrorCode } from "../../protocol/errors.ts";
import { ProtocolError, Reader } from "../../protocol/reader.ts";
import {
  type BatchHeader,
  batchCrc,
  codecOf,
  HEADER_BYTES,
  isControl,
  isTransactional,
  readBatchHeader,
} from "../../protocol/record-batch.ts";

/** From this version of Produce on a client may send zstd (KIP-110). */
const ZSTD_FROM = 7;

/**
 * The header of what a producer sent for one partition, or why it is refused: it must be exactly one whole batch of
 * format 2 with a right CRC. Compressed records are not looked at; of plain ones it is checked that they are as many
 * as the header says and fill the batch.
 */
export function checkBatch(
  records: Buffer | null,
  limits: { readonly version: number; readonly maxBytes: number; readonly latestTimestamp: number },
): BatchHeader | { readonly errorCode: number; readonly message: string } {
  const refuse = (errorCode: number, message: string) => ({ errorCode, message });
  if (records === null || records.length < HEADER_BYTES)
    return refuse(ErrorCode.corruptMessage, "not a whole record batch");
  const header = readBatchHeader(records);
  if (header.magic !== 2)
    return refuse(ErrorCode.unsupportedForMessageFormat, `record format ${header.magic}`);
  if (header.sizeBytes < HEADER_BYTES || header.sizeBytes > records.length)
    return refuse(ErrorCode.corruptMessage, "the batch's length is not that of its bytes");
  if (header.sizeBytes < records.length) return refuse(ErrorCode.invalidRecord, "more than one batch");
  if (header.sizeBytes > limits.maxBytes)
    return refuse(
      ErrorCode.messageTooLarge,
      `a batch of ${header.sizeBytes} bytes; max.message.bytes is ${limits.maxBytes}`,
    );
  if (batchCrc(records, 0, header.sizeBytes) !== header.crc)
    return refuse(ErrorCode.corruptMessage, "the CRC is wrong");
  if (header.recordCount <= 0 || header.lastOffset - header.baseOffset !== header.recordCount - 1)
    return refuse(ErrorCode.invalidRecord, "the offsets are not 0, 1, 2 …");
  if (isControl(header)) return refuse(ErrorCode.invalidRecord, "a client may not write control records");
  const hasProducer = header.producerId >= 0;
  if (hasProducer ? header.producerEpoch < 0 || header.baseSequence < 0 : isTransactional(header))
    return refuse(ErrorCode.invalidRecord, "producer id, epoch and sequence don't go together");
  if (header.maxTimestamp > limits.latestTimestamp)
    return refuse(ErrorCode.invalidTimestamp, `timestamp ${header.maxTimestamp} is too far in the future`);
  const codec = codecOf(header);
  if (codec === undefined || (codec === "zstd" && limits.version < ZSTD_FROM))
    return refuse(ErrorCode.unsupportedCompressionType, "an unknown codec");
  if (codec === "none" && !holdsRecords(records, header))
    return refuse(ErrorCode.invalidRecord, "the records don't fill the batch");
  return header;
}

function holdsRecords(batch: Buffer, { recordCount, sizeBytes }: BatchHeader): boolean {
  const from = new Reader(batch, HEADER_BYTES, sizeBytes);
  try {
    for (let i = 0; i < recordCount; i++) {
      const length = from.varint();
      if (length < 0 || length > from.left) return false;
      from.at += length;
    }
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
  return from.left === 0;
}
