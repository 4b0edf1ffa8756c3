import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteText } from "../engine.ts";
import { askRows, toNumber } from "./rows.ts";
import { escapeGlob } from "./source-files.ts";

/** What a query read of its Parquet files, measured. */
export interface FileReads {
  /** Row groups of which at least one byte of a page was read. */
  readonly rowGroupsRead: number;
  readonly rowGroupsTotal: number;
  readonly rowsInGroupsRead: number;
}

/** Past this many files reading all their footers would take longer than the answer is worth. */
const MOST_FILES = 2_000;

/**
 * Runs work with DuckDB's log of file reads on, and finds the row groups that the reads fall into.
 * `reads` is undefined where the log can't be had (a locked database) or no Parquet file was opened.
 */
export async function watchFileReads<T>(
  connection: DuckDBConnection,
  namedFiles: readonly string[],
  work: () => Promise<T>,
): Promise<{ result: T; reads: FileReads | undefined }> {
  if (!(await startLog(connection))) return { result: await work(), reads: undefined };
  try {
    const result = await work();
    const opened = await askRows(
      connection,
      "SELECT DISTINCT path FROM duckdb_logs_parsed('FileSystem') WHERE op = 'OPEN' AND path LIKE '%.parquet'",
    );
    const files = [...new Set([...opened.map(([path]) => String(path)), ...namedFiles])].filter((path) =>
      path.endsWith(".parquet"),
    );
    const reads =
      files.length === 0 || files.length > MOST_FILES ? undefined : await countGroups(connection, files);
    return { result, reads };
  } finally {
    await connection.run("CALL disable_logging()");
    await connection.run("CALL truncate_duckdb_logs()");
    await connection.run("RESET enable_external_file_cache");
  }
}

async function startLog(connection: DuckDBConnection): Promise<boolean> {
  try {
    // What DuckDB has kept in memory of a file would not be read again, and not be counted.
    await connection.run("SET enable_external_file_cache = false");
    await connection.run("CALL truncate_duckdb_logs()");
    await connection.run("CALL enable_logging('FileSystem')");
    return true;
  } catch {
    // A locked database refuses settings: then nobody can know, and the caller is told so.
    return false;
  }
}

/** A row group's bytes go from its first page (a dictionary, where it has one) to where the next begins. */
async function countGroups(connection: DuckDBConnection, files: readonly string[]): Promise<FileReads> {
  const list = `[${files.map((path) => quoteText(escapeGlob(path))).join(", ")}]`;
  const [row] = await askRows(
    connection,
    `WITH groups AS (
       SELECT file_name, row_group_id, any_value(row_group_num_rows) AS row_count,
         min(least(data_page_offset, coalesce(dictionary_page_offset, data_page_offset))) AS first_byte,
         max(least(data_page_offset, coalesce(dictionary_page_offset, data_page_offset))
           + total_compressed_size) AS end_byte
       FROM parquet_metadata(${list}) GROUP BY ALL
     ), reads AS (
       SELECT path, pos FROM duckdb_logs_parsed('FileSystem') WHERE op = 'READ' AND path LIKE '%.parquet'
     ), groups_read AS (
       SELECT * FROM groups AS g WHERE EXISTS (
         SELECT 1 FROM reads AS r WHERE r.path = g.file_name AND r.pos >= g.first_byte AND r.pos < g.end_byte)
     )
     SELECT (SELECT count(*) FROM groups_read), (SELECT count(*) FROM groups),
       (SELECT sum(row_count) FROM groups_read)`,
  );
  return {
    rowGroupsRead: toNumber(row?.[0]),
    rowGroupsTotal: toNumber(row?.[1]),
    rowsInGroupsRead: toNumber(row?.[2]),
  };
}
