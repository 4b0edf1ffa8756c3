import type { Emit } from "../core/events.ts";
import type { Field } from "../core/table.ts";
import type { Text } from "../core/text.ts";

/** A dataset: its card, and how its files come to be. */
export interface Dataset {
  readonly card: DatasetCard;
  /**
   * Gives the files, making them when they are not there yet (atomically: a second process, or a kill,
   * never leaves a part). The same options give the same bytes, on every machine and thread count.
   */
  materialise(options: MaterialiseOptions): Promise<DatasetFiles>;
}

export interface DatasetCard {
  readonly name: string;
  readonly title: Text;
  readonly description: Text;
  readonly licence: string;
  readonly source: string;
  /** Of the files that ship; absent for generated data, whose identity is version and seed. */
  readonly sha256?: string | undefined;
  /** Raised when the same seed gives other bytes. */
  readonly version: number;
  readonly variants: readonly string[];
  readonly format: "csv" | "parquet";
  /** As they are in the file: a dirty CSV's columns are strings. */
  readonly fields: readonly (Field & { readonly description: Text })[];
  /** Present for generated data. */
  readonly defaults?: { readonly rows: number; readonly seed: number } | undefined;
}

export interface MaterialiseOptions {
  /** Where generated data lies, `<workspace>/.taller/data`. */
  readonly folder: string;
  readonly rows?: number | undefined;
  readonly seed?: number | undefined;
  readonly variant?: string | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

export interface DatasetFiles {
  readonly paths: readonly string[];
  readonly format: "csv" | "parquet";
  /** A JSON file that says what was planted: see docs/data.md. Only generated data has one. */
  readonly ledgerPath?: string | undefined;
  readonly sizeBytes: number;
}
