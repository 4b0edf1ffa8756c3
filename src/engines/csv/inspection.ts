import type { DataType } from "../../core/table.ts";
import type { Text } from "../../core/text.ts";

/** What a CSV file is: how its bytes are read, how its records are cut, what its columns hold. Plain data. */
export interface CsvInspection {
  readonly path: string;
  readonly sizeBytes: number;
  readonly compression: "none" | "gzip";
  /** An iconv name: `utf-8`, `utf-16le`, `windows-1252`, … */
  readonly encoding: string;
  readonly dialect: FileDialect;
  /** Every column of the file, in its order. */
  readonly columns: readonly CsvColumn[];
  /**
   * `sample`: types seen at the start of the file, settled when it is read whole. `whole`: every row was
   * seen. `declared`: they come from a schema file, and a value that does not fit rejects its row.
   */
  readonly typesFrom: "sample" | "whole" | "declared";
  /** Cells of the first rows as they are in the file, to show. */
  readonly sampleRows: readonly (readonly string[])[];
  /** What was assumed or is odd, a sentence each. */
  readonly notes: readonly Text[];
}

/** How records are cut; any of LF, CRLF and CR ends a line. */
export interface FileDialect {
  /** One ASCII character; 0x1f, which no text holds, for a file of one column. */
  readonly delimiter: string;
  /** `"`, `'` or "" where the file has no quoting. */
  readonly quote: string;
  /** The quote itself (doubled, RFC 4180) or `\`. */
  readonly escape: string;
  readonly hasHeader: boolean;
  /** Lines above the header (a title, comments, `sep=;`) that are not data. */
  readonly skipLines: number;
  /** Spaces between a delimiter and an opening quote are not part of the value. */
  readonly skipSpaceBeforeQuote: boolean;
}

export interface CsvColumn {
  /** Unique (ignoring case) and plain: needs no quotes in SQL. */
  readonly name: string;
  /** The header as found; "" where the file names none. */
  readonly source: string;
  /** 1-based, in the file. */
  readonly position: number;
  readonly type: DataType;
  /** How the text is written where that is not the usual form: `1.234,56`, `dd/mm/yyyy`, `sí/no`. */
  readonly format?: string | undefined;
  /** Texts that mean "no value" in this column, beside the empty one. */
  readonly nulls?: readonly string[] | undefined;
  /** False: left out of the typed projection (a schema file that does not list it). */
  readonly isSelected: boolean;
  readonly notes: readonly Text[];
}
