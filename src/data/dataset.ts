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

/** How files are written; `jsonl`: a message a line, which is JSON, or what a broken sender made of it. */
export type FileFormat = "csv" | "parquet" | "jsonl";

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
  /** The first one is the default; none where there is only one kind of file. */
  readonly variants: readonly string[];
  readonly format: FileFormat;
  /** As they are in the file of the default variant: a dirty CSV's columns are strings. */
  readonly fields: readonly CardField[];
  /** Present for generated data. */
  readonly defaults?: { readonly rows: number; readonly seed: number } | undefined;
}

export interface CardField extends Field {
  readonly description: Text;
  /** The only values there are, where the card says so. */
  readonly values?: readonly string[] | undefined;
  /** Bounds of the values; dates and timestamps as ISO text. */
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
}

/** A table that a pipeline leaves for others, `<workspace>/tables/<name>/`. */
export interface TableContract {
  readonly name: string;
  readonly title: Text;
  readonly description: Text;
  readonly version: number;
  /** The pipeline that leaves it. */
  readonly producer: string;
  /** Columns that name a row. */
  readonly key: readonly string[];
  readonly fields: readonly CardField[];
}

export interface MaterialiseOptions {
  /** Where generated data lies, `<workspace>/.taller/data`. */
  readonly folder: string;
  /** Records of a generated file, duplicates and broken ones too. Data that ship are given whole. */
  readonly rows?: number | undefined;
  readonly seed?: number | undefined;
  readonly variant?: string | undefined;
  /** Default: the number of cores, at most 4. The bytes do not depend on it. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

export interface DatasetFiles {
  readonly paths: readonly string[];
  readonly format: FileFormat;
  /** The columns of these files: a variant may have others than the card. */
  readonly fields: readonly CardField[];
  /** The dialect of a CSV. */
  readonly csv?: CsvFileDialect | undefined;
  /** A JSON file that says what was planted: see docs/data.md. Only generated data has one. */
  readonly ledgerPath?: string | undefined;
  readonly sizeBytes: number;
}

/** How a CSV is written; the engines' dialect takes it as it is. */
export interface CsvFileDialect {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly hasHeader: boolean;
}
