import type { Emit } from "../core/events.ts";
import type { Cell, Field, Table } from "../core/table.ts";

/**
 * Runs SQL on sources and writes Parquet. DuckDB is the embedded one; Spark Connect is shaped for too:
 * everything is asynchronous, results come as tables, paths are the engine's, and above this file
 * nothing knows which engine runs.
 *
 * SQL is the portable subset (docs/portable-sql.md). The session's zone is UTC. Errors in SQL are
 * {@link SqlError}; a cancelled call throws CancelledError and leaves nothing half-written.
 */
export interface Engine {
  readonly name: string;
  readonly version: string;

  /** Makes a source readable under a name, with its schema; replaces one of the same name. */
  register(name: string, source: Source, options?: RunOptions): Promise<SourceReport>;

  /** Runs statements that give no rows (`CREATE OR REPLACE TEMP VIEW …`); several may stand in one text. */
  execute(sql: string, options?: RunOptions): Promise<void>;

  /** One query's result, whole. `maxRows` cuts it (and sets `truncated`). */
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;

  /** A large result in tables of one schema, read as they come. */
  stream(sql: string, options?: QueryOptions): AsyncIterable<Table>;

  /** Names and types of a query's result, without running it. */
  describe(sql: string, options?: QueryOptions): Promise<readonly Field[]>;

  /**
   * Writes a query's result as Parquet: beside, then renamed; a reader sees the old folder or the new one. Who looks
   * by itself whether the folder exists calls `recoverTarget` (folder-swap.ts) first: docs/engines.md says why.
   */
  writeParquet(sql: string, target: ParquetTarget, options?: QueryOptions): Promise<WriteReport>;

  /** The plan of a query, run (files and row groups read are counted) or only planned. */
  explain(sql: string, options?: QueryOptions & { readonly run?: boolean }): Promise<PlanSummary>;

  /** What the footers of the Parquet files under a path say. */
  describeParquet(path: string, options?: RunOptions): Promise<ParquetReport>;

  close(): Promise<void>;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

export interface QueryOptions extends RunOptions {
  /** Bound values for `$1`, `$2`, … in order. */
  readonly values?: readonly Cell[] | undefined;
  readonly maxRows?: number | undefined;
  /** `float64`: decimals of more than 18 digits are read as doubles; without it one that does not fit is an error. */
  readonly wideDecimals?: "float64" | undefined;
}

/** `truncated` is there, and true, only when `maxRows` has cut the result. */
export type QueryResult = Table & { readonly truncated?: true | undefined };

export interface EngineOptions {
  /** Bytes the engine may use before it spills; default a quarter of RAM, at most 2 GiB. */
  readonly memoryBytes?: number | undefined;
  /** Default: the number of cores. */
  readonly threads?: number | undefined;
  /** Where it spills; default: a folder of the system's temporary folder, removed on close. */
  readonly spillFolder?: string | undefined;
}

export type Source =
  | { readonly kind: "table"; readonly table: Table }
  | {
      readonly kind: "parquet";
      readonly paths: readonly string[];
      readonly hivePartitions?: boolean | undefined;
    }
  | CsvSource;

/** A CSV with its dialect and schema spelled out: nothing is guessed when it is read. */
export interface CsvSource {
  readonly kind: "csv";
  /** UTF-8 files of one dialect and schema; `.gz` is read as gzip. */
  readonly paths: readonly string[];
  readonly dialect: CsvDialect;
  /** The longest record, where it is known to be longer than what an engine takes by itself (2 MB). */
  readonly maxRecordBytes?: number | undefined;
  /** A field that is not `string` and can't be parsed makes its row a structural reject. */
  readonly fields: readonly Field[];
  /**
   * Read at each use instead of once, now: for a file that is read a single time and is larger than memory.
   * The report then has no `rows` and always a `rejectsView`, which is right after a query that reads every row.
   */
  readonly isLazy?: boolean | undefined;
}

export interface CsvDialect {
  readonly delimiter: string;
  /** "" where the file has no quoting. */
  readonly quote: string;
  readonly escape: string;
  readonly hasHeader: boolean;
  /** Texts that mean "no value"; the empty field is one unless it is quoted. */
  readonly nullTexts?: readonly string[] | undefined;
  readonly decimalSeparator?: "." | "," | undefined;
}

/** `recordsRead = rows + rejected`, always: a record is a row of the file, header and empty lines aside. */
export interface SourceReport {
  readonly name: string;
  readonly fields: readonly Field[];
  /** Absent where it can only be known by reading everything (a Parquet view knows it, a lazy source may not). */
  readonly rows?: number | undefined;
  readonly rejected: number;
  readonly sizeBytes: number;
  readonly files: number;
  /** The name of the view that holds the structural rejects: file, line, reason, column, text. Absent when there are none. */
  readonly rejectsView?: string | undefined;
  /**
   * A lazy CSV only: call it after a query that read every row, with the number of rows that it read. Proves
   * `records = rows + rejected` against a count of the file's records made apart from the engine, which runs
   * beside the query; throws a UserError in words when rows would have been lost.
   */
  readonly reconcile?: ((rows: number) => Promise<{ records: number; rejected: number }>) | undefined;
}

export type ParquetCodec = "snappy" | "zstd" | "gzip" | "lz4" | "uncompressed";

export interface ParquetTarget {
  /** A folder (several files or partitions) or, with `singleFile`, one file. */
  readonly path: string;
  readonly singleFile?: boolean | undefined;
  readonly partitionBy?: readonly string[] | undefined;
  readonly codec?: ParquetCodec | undefined;
  readonly rowGroupRows?: number | undefined;
  /** Sorted within each file by these columns, ascending, nulls last. */
  readonly sortBy?: readonly string[] | undefined;
  /**
   * `replace`, the default: the folder holds this result and nothing else. `replace-partitions`: only the partitions
   * that the result has rows for are replaced, the others are untouched. `fail`: a non-empty target is an error.
   */
  readonly mode?: "replace" | "replace-partitions" | "fail" | undefined;
}

export interface WriteReport {
  readonly rows: number;
  readonly sizeBytes: number;
  readonly files: readonly {
    readonly path: string;
    readonly rows: number;
    readonly sizeBytes: number;
    readonly partition: string;
  }[];
  readonly seconds: number;
}

export interface ParquetReport {
  readonly rows: number;
  readonly sizeBytes: number;
  readonly files: readonly {
    readonly path: string;
    readonly rows: number;
    readonly rowGroups: number;
    readonly sizeBytes: number;
    readonly partition: string;
  }[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly codec: string;
    readonly encodings: string;
    readonly compressedBytes: number;
    readonly uncompressedBytes: number;
    readonly nulls: number | undefined;
    readonly min: string | undefined;
    readonly max: string | undefined;
  }[];
}

export interface PlanSummary {
  /** The engine's own text of the plan. */
  readonly text: string;
  readonly operators: readonly PlanOperator[];
  readonly filesRead: number;
  readonly filesTotal: number;
  readonly rowGroupsRead: number | undefined;
  readonly rowGroupsTotal: number | undefined;
  readonly rowsScanned: number | undefined;
  /** Operators that must bring rows of one key together (aggregation, join, sort, window): a shuffle on a cluster. */
  readonly shuffles: number;
}

export interface PlanOperator {
  readonly name: string;
  readonly depth: number;
  readonly detail: string;
  readonly rows: number | undefined;
}

/** SQL that the engine refuses or that fails while it runs; `message` is the engine's own words. */
export class SqlError extends Error {
  /** The engine's own code (`Parser`, `Binder`, `Conversion`, …). */
  readonly code: string;
  /** 1-based, in the text that was given; undefined where the engine does not say. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(input: {
    message: string;
    code: string;
    line?: number | undefined;
    column?: number | undefined;
    cause?: unknown;
  }) {
    super(input.message, { cause: input.cause });
    this.name = "SqlError";
    this.code = input.code;
    this.line = input.line;
    this.column = input.column;
  }
}

/** Quotes an identifier for SQL: the only way a name enters a statement. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for the few places where a value can't be bound (a path in `read_parquet`). */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
