import type { Field, Table } from "../../core/table.ts";
import { concatTables, emptyTable } from "../../core/table-build.ts";
import type { StreamSource } from "./source.ts";

/** Tables that a program adds: for tests, and for showing how micro-batches come about. Spark's MemoryStream. */
export interface MemorySource extends StreamSource {
  /** Adds a feed, which may be empty: an empty feed makes an empty batch. */
  add(table: Table): void;
}

/**
 * `feedsPerTrigger`: at most so many feeds a batch (default: all there are). Offsets count feeds; the feeds live
 * as long as the source, so a query that starts again on the same source can replay them.
 */
export function memorySource(
  fields: readonly Field[],
  options: { readonly feedsPerTrigger?: number | undefined } = {},
): MemorySource {
  const feeds: Table[] = [];
  const listeners: (() => void)[] = [];
  let end: number | undefined;
  return {
    description: `MemoryStream[${fields.map((field) => field.name).join(",")}]`,
    attributes: fields.map(({ name, type }) => ({ name, type })),
    isReplayable: true,
    add(table) {
      feeds.push(table);
      for (const listener of listeners) listener();
    },
    async open() {
      end = undefined;
    },
    async prepareForAvailableNow() {
      end = feeds.length;
    },
    async latestOffset(start, isUnlimited) {
      const there = end ?? feeds.length;
      if (there === 0) return start;
      const limit = isUnlimited ? undefined : options.feedsPerTrigger;
      const from = countOf(start);
      return String((limit === undefined ? there : Math.min(there, from + limit)) - 1);
    },
    async read(start, until) {
      const tables = feeds.slice(countOf(start), countOf(until)).filter((table) => table.rowCount > 0);
      return { table: tables.length === 0 ? emptyTable(fields) : concatTables(tables) };
    },
    onData(listener) {
      listeners.push(listener);
    },
  };
}

/** How many feeds lie before an offset, inclusive. */
function countOf(offset: string | undefined): number {
  return offset === undefined ? 0 : Number(offset) + 1;
}
