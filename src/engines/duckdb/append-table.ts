import { type DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { throwIfCancelled } from "../../core/errors.ts";
import { type Column, type Field, isNull, stringAt, type Table } from "../../core/table.ts";
import { quoteName } from "../engine.ts";
import { duckTypeOf, sqlTypeOf } from "./types.ts";
import { stringWriter, writeValidityBits, writeVectorBytes } from "./vector-bytes.ts";

/** Rows of a DuckDB vector. */
const CHUNK_ROWS = 2_048;
const YIELD_ROWS = 64 * CHUNK_ROWS;

/** Makes a DuckDB table of this name from a table, column by column, chunk by chunk. */
export async function appendTable(
  connection: DuckDBConnection,
  name: string,
  table: Table,
  signal: AbortSignal | undefined,
): Promise<void> {
  const columns = table.fields.map((field) => `${quoteName(field.name)} ${sqlTypeOf(field.type)}`);
  await connection.run(`CREATE TABLE ${quoteName(name)} (${columns.join(", ")})`);
  const appender = await connection.createAppender(name);
  const types = table.fields.map((field) => duckTypeOf(field.type));
  const chunk = DuckDBDataChunk.create(types);
  for (let start = 0; start < table.rowCount; start += CHUNK_ROWS) {
    // Appending holds the thread: now and then the rest of the program has its turn.
    if (start % YIELD_ROWS === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
    }
    const rows = Math.min(CHUNK_ROWS, table.rowCount - start);
    chunk.reset();
    chunk.rowCount = rows;
    table.columns.forEach((column, index) => {
      writeColumn(chunk, index, table.fields[index], column, start, rows);
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function writeColumn(
  chunk: DuckDBDataChunk,
  index: number,
  field: Field | undefined,
  column: Column,
  start: number,
  rows: number,
): void {
  const end = start + rows;
  switch (column.kind) {
    case "boolean":
    case "int32":
    case "date":
    case "float64":
    case "int64":
    case "timestamp":
      writeVectorBytes(chunk, index, unshared(column.values.subarray(start, end)));
      break;
    case "decimal":
      writeVectorBytes(chunk, index, decimalBytes(field, column.values.subarray(start, end)));
      break;
    case "string":
    case "dictionary": {
      const write = stringWriter(chunk, index);
      for (let row = 0; row < rows; row++) {
        if (!isNull(column, start + row)) write(row, stringAt(column, start + row) ?? "");
      }
      break;
    }
  }
  const validity = column.validity?.subarray(start, end);
  if (validity?.includes(0)) writeValidityBits(chunk, index, bitsOf(validity));
}

/** Up to 4 digits DuckDB keeps a decimal in 16 bits, up to 9 in 32. */
function decimalBytes(field: Field | undefined, values: BigInt64Array): ArrayBufferView {
  const precision = field?.type.kind === "decimal" ? field.type.precision : 18;
  if (precision > 9) return unshared(values);
  const narrow = precision <= 4 ? new Int16Array(values.length) : new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) narrow[row] = Number(values[row] ?? 0n);
  return narrow;
}

/** Memory shared between threads is copied: the bindings read plain ArrayBuffers only. */
function unshared<A extends Uint8Array | Int32Array | Float64Array | BigInt64Array>(
  view: A,
): ArrayBufferView {
  return view.buffer instanceof ArrayBuffer ? view : view.slice();
}

function bitsOf(validity: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(validity.length / 64) * 8);
  for (let row = 0; row < validity.length; row++) {
    if (validity[row] !== 0) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}
