import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Column, Field, Table } from "../../core/table.ts";
import { type ColumnReader, columnReader } from "./read-column.ts";
import type { ColumnPlan } from "./types.ts";

/**
 * Collects DuckDB's chunks (2,048 rows each) into a table, by column vector: bytes are copied, no value
 * becomes an object on the way. `take` gives what was collected and begins anew.
 */
export class ChunkCollector {
  readonly #plans: readonly ColumnPlan[];
  readonly #fields: readonly Field[];
  #readers: readonly ColumnReader[];
  #rows = 0;

  constructor(plans: readonly ColumnPlan[]) {
    this.#plans = plans;
    this.#fields = plans.map(({ name, type }) => ({ name, type, nullable: true }));
    this.#readers = plans.map(columnReader);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds the chunk's rows, the first `limit` of them where one is given. */
  add(chunk: DuckDBDataChunk, limit = Number.POSITIVE_INFINITY): void {
    const rows = Math.min(chunk.rowCount, limit);
    this.#readers.forEach((reader, index) => {
      reader.read(chunk, index, rows);
    });
    this.#rows += rows;
  }

  take(): Table {
    const columns: Column[] = this.#readers.map((reader) => reader.finish());
    const table = { fields: this.#fields, columns, rowCount: this.#rows };
    this.#readers = this.#plans.map(columnReader);
    this.#rows = 0;
    return table;
  }
}
