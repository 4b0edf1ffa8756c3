import type { Table } from "../../core/table.ts";
import type { Attribute } from "../attribute.ts";

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
  read(start: string | undefined, end: string): Promise<Table>;
  /** Everything up to here is committed: it will not be read again. */
  commit?(end: string): Promise<void>;
  /** Called at once when there may be something new; a source without it is asked now and then. */
  onData?(listener: () => void): void;
  stop?(): Promise<void>;
}
