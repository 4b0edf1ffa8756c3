import { crc32 } from "node:zlib";
import { FlagColumn, NumberColumn, type StateSlots, TextColumn } from "../state/slots.ts";
import { unreadable } from "./metadata-log.ts";

const MAGIC = 0x54535431;

/**
 * Some slots as bytes: magic "TST1", the slots to free first, then the slots to fill (number, lengths, key and
 * row bytes, a value per column), CRC-32 of it all. A delta has what a batch changed, a snapshot every slot.
 */
export function encodeSlots(slots: StateSlots, puts: Int32Array, removes: Int32Array): Uint8Array {
  let size = 16 + removes.length * 4;
  for (const slot of puts) size += 12 + (slots.lengths[slot] ?? 0);
  for (const column of slots.columns) {
    if (column instanceof NumberColumn) size += puts.length * 8;
    else if (column instanceof FlagColumn) size += puts.length;
    else if (column instanceof TextColumn)
      for (const slot of puts) size += 4 + Buffer.byteLength(column.values[slot] ?? "");
  }
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeUInt32LE(MAGIC, 0);
  at = bytes.writeUInt32LE(removes.length, at);
  at = bytes.writeUInt32LE(puts.length, at);
  for (const slot of removes) at = bytes.writeInt32LE(slot, at);
  for (const slot of puts) {
    const length = slots.lengths[slot] ?? 0;
    const offset = slots.offsets[slot] ?? 0;
    at = bytes.writeInt32LE(slot, at);
    at = bytes.writeInt32LE(slots.keyLengths[slot] ?? 0, at);
    at = bytes.writeInt32LE(length, at);
    bytes.set(slots.arena.subarray(offset, offset + length), at);
    at += length;
  }
  for (const column of slots.columns) {
    if (column instanceof NumberColumn)
      for (const slot of puts) at = bytes.writeDoubleLE(column.values[slot] ?? 0, at);
    else if (column instanceof FlagColumn)
      for (const slot of puts) at = bytes.writeUInt8(column.values[slot] ?? 0, at);
    else if (column instanceof TextColumn)
      for (const slot of puts) {
        const length = bytes.write(column.values[slot] ?? "", at + 4);
        bytes.writeInt32LE(length, at);
        at += 4 + length;
      }
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

/** Applies what {@link encodeSlots} wrote. Refuses bytes that are cut or changed. */
export function applySlots(slots: StateSlots, file: Uint8Array, path: string): void {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.length - 4;
  if (end < 12 || bytes.readUInt32LE(0) !== MAGIC) throw unreadable(path, "it is no state file");
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end))
    throw unreadable(path, "its check sum differs");
  const removes = bytes.readUInt32LE(4);
  const puts = bytes.readUInt32LE(8);
  let at = 12;
  for (let i = 0; i < removes; i++, at += 4) slots.forget(bytes.readInt32LE(at));
  const filled = new Int32Array(puts);
  for (let i = 0; i < puts; i++) {
    const slot = bytes.readInt32LE(at);
    const length = bytes.readInt32LE(at + 8);
    slots.restore(slot, bytes, at + 12, bytes.readInt32LE(at + 4), length);
    filled[i] = slot;
    at += 12 + length;
  }
  for (const column of slots.columns) {
    if (column instanceof NumberColumn)
      for (const slot of filled) {
        column.values[slot] = bytes.readDoubleLE(at);
        at += 8;
      }
    else if (column instanceof FlagColumn)
      for (const slot of filled) column.values[slot] = bytes.readUInt8(at++);
    else if (column instanceof TextColumn)
      for (const slot of filled) {
        const length = bytes.readInt32LE(at);
        column.values[slot] = bytes.toString("utf8", at + 4, at + 4 + length);
        at += 4 + length;
      }
  }
  if (at !== end) throw unreadable(path, "it does not fit the query's state");
}
