import { dirname, relative, sep } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { formatType } from "../../core/table.ts";
import { type ParquetReport, quoteText, type RunOptions } from "../engine.ts";
import { askRows, toNumber, toText } from "./rows.ts";
import type { Session } from "./session.ts";
import { sourceFiles } from "./source-files.ts";
import { dataTypeOf } from "./types.ts";

/** What the footers of the Parquet files under a path say; no data page is read. */
export async function reportParquet(
  session: Session,
  path: string,
  options: RunOptions,
): Promise<ParquetReport> {
  const { patterns } = await sourceFiles([path], [".parquet"]);
  const list = `[${patterns.map(quoteText).join(", ")}]`;
  return session.exclusive({ sql: "", options }, async (connection) => {
    const files = await reportFiles(connection, list, path);
    return {
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
      files,
      columns: await reportColumns(connection, list),
    };
  });
}

async function reportFiles(
  connection: DuckDBConnection,
  list: string,
  root: string,
): Promise<ParquetReport["files"]> {
  const rows = await askRows(
    connection,
    `SELECT file_name, num_rows, num_row_groups, file_size_bytes FROM parquet_file_metadata(${list}) ORDER BY file_name`,
  );
  return rows.map(([name, count, groups, bytes]) => ({
    path: String(name),
    rows: toNumber(count),
    rowGroups: toNumber(groups),
    sizeBytes: toNumber(bytes),
    partition: relative(root, dirname(String(name)))
      .split(sep)
      .join("/")
      .replace(/^\.\.$/, ""),
  }));
}

async function reportColumns(connection: DuckDBConnection, list: string): Promise<ParquetReport["columns"]> {
  const types = await leafTypes(connection, list);
  const tableTypes = await namesOfTypes(connection, [...new Set(types.values())]);
  const rows = await askRows(
    connection,
    `SELECT path_in_schema, any_value(type),
       string_agg(DISTINCT lower(compression), ',' ORDER BY lower(compression)),
       string_agg(DISTINCT encodings, ',' ORDER BY encodings),
       sum(total_compressed_size), sum(total_uncompressed_size),
       CASE WHEN count(*) = count(stats_null_count) THEN sum(stats_null_count) END
     FROM parquet_metadata(${list}) GROUP BY path_in_schema ORDER BY min(column_id)`,
  );
  const ranges = await rangesOf(connection, list, types);
  const columns: ParquetReport["columns"][number][] = [];
  for (const [name, physical, codec, encodings, compressed, uncompressed, nulls] of rows) {
    const path = String(name);
    const type = types.get(path);
    columns.push({
      name: path,
      type: tableTypes.get(type ?? "") ?? (type ?? String(physical)).toLowerCase(),
      codec: toText(codec) ?? "",
      encodings: distinctWords(toText(encodings) ?? ""),
      compressedBytes: toNumber(compressed),
      uncompressedBytes: toNumber(uncompressed),
      nulls: nulls === null ? undefined : toNumber(nulls),
      min: ranges.get(path)?.min,
      max: ranges.get(path)?.max,
    });
  }
  return columns;
}

/** DuckDB's type of each column that is not nested; where files differ, the first one's. */
async function leafTypes(connection: DuckDBConnection, list: string): Promise<Map<string, string>> {
  const rows = await askRows(
    connection,
    `SELECT name, first(duckdb_type ORDER BY file_name) FROM parquet_schema(${list})
     WHERE num_children IS NULL GROUP BY name`,
  );
  return new Map(rows.map(([name, type]) => [String(name), String(type)]));
}

/** DuckDB's type texts in the words of the table's types, where a table has such a type. */
async function namesOfTypes(
  connection: DuckDBConnection,
  types: readonly string[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  if (types.length === 0) return names;
  const nulls = types.map((type) => `CAST(NULL AS ${type})`).join(", ");
  const statement = await connection.prepare(`SELECT ${nulls}`);
  try {
    types.forEach((text, index) => {
      const type = dataTypeOf(statement.columnType(index));
      if (type !== undefined) names.set(text, formatType(type));
    });
  } finally {
    statement.destroySync();
  }
  return names;
}

interface Range {
  readonly min: string | undefined;
  readonly max: string | undefined;
}

/**
 * Smallest and largest value by the footers. They are texts there: compared as what they mean, in one query
 * for all columns of a type, because every query reads the footers again.
 */
async function rangesOf(
  connection: DuckDBConnection,
  list: string,
  types: ReadonlyMap<string, string>,
): Promise<Map<string, Range>> {
  const ranges = new Map<string, Range>();
  for (const type of new Set(types.values())) {
    const rows = await askRows(
      connection,
      `SELECT path_in_schema,
         CAST(min(TRY_CAST(coalesce(stats_min_value, stats_min) AS ${type})) AS VARCHAR),
         CAST(max(TRY_CAST(coalesce(stats_max_value, stats_max) AS ${type})) AS VARCHAR)
       FROM parquet_metadata(${list}) GROUP BY path_in_schema`,
    );
    for (const [name, min, max] of rows) {
      if (types.get(String(name)) === type) ranges.set(String(name), { min: toText(min), max: toText(max) });
    }
  }
  return ranges;
}

function distinctWords(list: string): string {
  return [...new Set(list.split(",").map((word) => word.trim()))].filter((word) => word !== "").join(",");
}
