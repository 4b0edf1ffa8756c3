import type { DuckDBDataChunk } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";

/**
 * A copy of a column's memory in a chunk, the caller's own. The bindings are used because node-api's vectors
 * give single values only (8 times slower on 1 million rows × 16 doubles).
 */
export function vectorBytes(chunk: DuckDBDataChunk, column: number, byteCount: number): Uint8Array {
  return duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk.chunk, column), byteCount);
}

/** One bit a row, lowest first, 1 = has a value; undefined when every row has one. */
export function validityBits(chunk: DuckDBDataChunk, column: number, rows: number): Uint8Array | undefined {
  const words = Math.ceil(rows / 64);
  // The declaration forgets it, but the binding gives null where DuckDB has no mask.
  const bits: Uint8Array | null = duckdb.vector_get_validity(
    duckdb.data_chunk_get_vector(chunk.chunk, column),
    words * 8,
  );
  return bits ?? undefined;
}

/** A copy of the bytes that a long string's entry points at. */
export function pointedBytes(entries: Uint8Array, pointerOffset: number, byteCount: number): Buffer {
  const bytes = duckdb.get_data_from_pointer(
    backingOf(entries),
    entries.byteOffset + pointerOffset,
    byteCount,
  );
  return Buffer.from(backingOf(bytes), bytes.byteOffset, byteCount);
}

/** Copies values into a chunk's column, from its first row on. */
export function writeVectorBytes(chunk: DuckDBDataChunk, column: number, source: ArrayBufferView): void {
  duckdb.copy_data_to_vector(
    duckdb.data_chunk_get_vector(chunk.chunk, column),
    0,
    backingOf(source),
    source.byteOffset,
    source.byteLength,
  );
}

/** Sets a column's validity from bits as {@link validityBits} gives them (whole 64-bit words). */
export function writeValidityBits(chunk: DuckDBDataChunk, column: number, bits: Uint8Array): void {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, backingOf(bits), bits.byteOffset, bits.byteLength);
}

/** A function that writes one string into the column. */
export function stringWriter(chunk: DuckDBDataChunk, column: number): (row: number, text: string) => void {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
  return (row, text) => duckdb.vector_assign_string_element(vector, row, text);
}

/** The bindings read plain ArrayBuffers only; memory shared between threads must be copied by the caller. */
function backingOf(view: ArrayBufferView): ArrayBuffer {
  if (view.buffer instanceof ArrayBuffer) return view.buffer;
  throw new TypeError("shared memory must be copied before DuckDB reads it");
}
