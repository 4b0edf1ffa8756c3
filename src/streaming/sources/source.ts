import type { Field, Table } from "../../core/table.ts";
import type { Attribute } from "../attribute.ts";

/** What a source read. */
export interface SourceRows {
  readonly table: Table;
  /** What was read and is no row, with the fields of {@link DEAD_LETTER_FIELDS}; absent when all is well. */
  readonly deadLetters?: Table | undefined;
}

/** Where a message that is no row came from, why it is none, and its bytes: as text where they are one, and exactly. */
export const DEAD_LETTER_FIELDS: readonly Field[] = [
  { name: "source", type: { kind: "string" }, nullable: false },
  { name: "partition", type: { kind: "int32" }, nullable: true },
  { name: "offset", type: { kind: "int64" }, nullable: false },
  { name: "reason", type: { kind: "string" }, nullable: false },
  { name: "raw", type: { kind: "string" }, nullable: true },
  { name: "raw_base64", type: { kind: "string" }, nullable: true },
];

/**
 * Where rows come from. An offset is one line of JSON, and two equal texts are the same place; a source that can
 * be replayed gives the same rows for the same two offsets, always.
 */
export interface StreamSource {
  /** As it stands in the progress report: `FileStreamSource[…]`. */
  readonly description: string;
  readonly attributes: readonly Attribute[];
  /** False: rows that were read and not committed are lost with the process (a socket). */
  readonly isReplayable: boolean;
  /** Before the first batch of a run. `folder`: the source's own place in the checkpoint. */
  open?(context: { readonly folder: string; readonly signal: AbortSignal }): Promise<void>;
  /** The available-now trigger: what is there now is all there will be. */
  prepareForAvailableNow?(): Promise<void>;
  /**
   * How far the next batch may read: after `start` (undefined: from the beginning), at most the source's own limit
   * a trigger unless `isUnlimited`. Undefined: there has never been anything.
   */
  latestOffset(start: string | undefined, isUnlimited: boolean): Promise<string | undefined>;
  /** The rows after `start` up to `end`. */
  read(start: string | undefined, end: string): Promise<SourceRows>;
  /** Everything up to here is committed: it will not be read again. */
  commit?(end: string): Promise<void>;
  /** Called at once when there may be something new; a source without it is asked now and then. */
  onData?(listener: () => void): void;
  stop?(): Promise<void>;
}
