import { mkdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { diskError } from "../../core/atomic-file.ts";
import { throwIfCancelled } from "../../core/errors.ts";
import { type ParquetTarget, type QueryOptions, quoteName, quoteText, type WriteReport } from "../engine.ts";
import { beginReplacement, recoverTarget } from "../folder-swap.ts";
import { boundValues } from "./bind.ts";
import { checkTarget, EMPTY_FILE, linkOtherPartitions } from "./parquet-target.ts";
import type { Session } from "./session.ts";
import { withoutLastSemicolon } from "./sql-text.ts";

/**
 * Writes a query's result as Parquet: into a hidden sibling of the target, fsynced, then swapped in. An
 * error or a cancel leaves the target as it was and nothing beside it.
 */
export async function writeParquet(
  session: Session,
  sql: string,
  target: ParquetTarget,
  options: QueryOptions,
): Promise<WriteReport> {
  const startMs = performance.now();
  await recoverTarget(target.path);
  await checkTarget(target);
  const replacement = await beginReplacement(target.path);
  try {
    const label = { es: "escribir Parquet", en: "writing Parquet" };
    const task = { sql, linesBefore: 1, options, label };
    const query = { sql: withoutLastSemicolon(sql), values: boundValues(options.values) };
    const written = await session.exclusive(task, (connection) =>
      copyTo(session, connection, query, target, replacement.beside),
    );
    throwIfCancelled(options.signal);
    await replacement.commit(async () => {
      await checkTarget(target);
      if (target.mode === "replace-partitions") await linkOtherPartitions(target, replacement.beside);
    });
    return {
      rows: written.reduce((sum, file) => sum + file.rows, 0),
      sizeBytes: written.reduce((sum, file) => sum + file.sizeBytes, 0),
      files: written.map(({ inside, rows, sizeBytes }) => ({
        path: target.singleFile ? target.path : join(target.path, inside),
        rows,
        sizeBytes,
        partition: inside.split(sep).slice(0, -1).join("/"),
      })),
      seconds: (performance.now() - startMs) / 1000,
    };
  } catch (error) {
    await replacement.abandon();
    throw diskError(error, target.path);
  }
}

interface WrittenFile {
  /** Relative to the folder, in the system's own separators; "" for a single file. */
  readonly inside: string;
  readonly rows: number;
  readonly sizeBytes: number;
}

interface BoundQuery {
  readonly sql: string;
  readonly values: DuckDBValue[] | undefined;
}

async function copyTo(
  session: Session,
  connection: DuckDBConnection,
  query: BoundQuery,
  target: ParquetTarget,
  beside: string,
): Promise<WrittenFile[]> {
  const partitions = target.partitionBy ?? [];
  const order = orderBy(target.sortBy ?? []);
  if (target.singleFile) {
    return copy(connection, { ...query, order }, beside, beside, fileSettings(target));
  }
  await mkdir(beside);
  if (partitions.length === 0) {
    return copy(connection, { ...query, order }, join(beside, FIRST_FILE), beside, fileSettings(target));
  }
  const written =
    order === ""
      ? await copyPartitions(connection, query, target, beside)
      : await copySortedPartitions(session, connection, query, target, beside);
  if (written.length > 0 || target.mode === "replace-partitions") return written;
  // A table of no rows still has its columns for whoever reads it next.
  return copy(connection, { ...query, order: "" }, join(beside, EMPTY_FILE), beside, fileSettings(target));
}

const FIRST_FILE = "data_0.parquet";

/** Rows of a partition come in no order, so DuckDB need not hold them back to keep one: that takes much less memory. */
async function copyPartitions(
  connection: DuckDBConnection,
  query: BoundQuery,
  target: ParquetTarget,
  beside: string,
): Promise<WrittenFile[]> {
  const names = (target.partitionBy ?? []).map(quoteName).join(", ");
  const settings = [...fileSettings(target), `PARTITION_BY (${names})`];
  await connection.run("SET preserve_insertion_order = false");
  try {
    return await copy(connection, { ...query, order: "" }, beside, beside, settings);
  } finally {
    await connection.run("RESET preserve_insertion_order");
  }
}

/**
 * DuckDB's own partitioned write does not keep an order (measured), so the result is sorted into a table of
 * its own, where each partition is one run of rows, and each run is copied to its file.
 */
async function copySortedPartitions(
  session: Session,
  connection: DuckDBConnection,
  query: BoundQuery,
  target: ParquetTarget,
  beside: string,
): Promise<WrittenFile[]> {
  const names = target.partitionBy ?? [];
  const sorted = quoteName(session.freshName("sorted"));
  const folder = "_taller_folder";
  const order = orderBy([...names, ...(target.sortBy ?? [])]);
  try {
    await connection.run(
      `CREATE TABLE ${sorted} AS SELECT *, ${folderSql(names)} AS ${folder} FROM (\n${query.sql}\n) ${order}`,
      query.values,
    );
    const runs = await connection.run(
      `SELECT ${folder}, min(rowid), max(rowid) FROM ${sorted} GROUP BY ALL ORDER BY min(rowid)`,
    );
    const hidden = [...names, folder].map(quoteName).join(", ");
    const written: WrittenFile[] = [];
    for (const [name, first, last] of await runs.getRows()) {
      const inside = join(...String(name).split("/"));
      await mkdir(join(beside, inside), { recursive: true });
      const run = `SELECT * EXCLUDE (${hidden}) FROM ${sorted} WHERE rowid BETWEEN ${first} AND ${last}`;
      const path = join(beside, inside, FIRST_FILE);
      written.push(
        ...(await copy(
          connection,
          { sql: run, values: undefined, order: "" },
          path,
          beside,
          fileSettings(target),
        )),
      );
    }
    return written;
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${sorted}`);
  }
}

/** `a=1/b=x%20y`: the folder names that DuckDB and Spark read as hive partitions. */
function folderSql(names: readonly string[]): string {
  return names
    .map((name) => {
      const value = `coalesce(url_encode(CAST(${quoteName(name)} AS VARCHAR)), '__HIVE_DEFAULT_PARTITION__')`;
      return `${quoteText(`${name}=`)} || ${value}`;
    })
    .join(" || '/' || ");
}

async function copy(
  connection: DuckDBConnection,
  query: BoundQuery & { readonly order: string },
  path: string,
  root: string,
  settings: readonly string[],
): Promise<WrittenFile[]> {
  const select = query.order === "" ? `${query.sql}\n` : `SELECT * FROM (${query.sql}\n) ${query.order}`;
  const result = await connection.run(
    `COPY (\n${select}) TO ${quoteText(path)} (${["FORMAT parquet", "RETURN_STATS", ...settings].join(", ")})`,
    query.values,
  );
  const rows = await result.getRowObjects();
  return rows.map((row) => ({
    inside: relative(root, String(row.filename)),
    rows: Number(row.count),
    sizeBytes: Number(row.file_size_bytes),
  }));
}

function fileSettings(target: ParquetTarget): string[] {
  const codec = target.codec ?? "snappy";
  const settings = [`COMPRESSION ${codec === "lz4" ? "lz4_raw" : codec}`];
  if (target.rowGroupRows !== undefined) settings.push(`ROW_GROUP_SIZE ${Math.trunc(target.rowGroupRows)}`);
  return settings;
}

function orderBy(names: readonly string[]): string {
  return names.length === 0
    ? ""
    : `ORDER BY ${names.map((name) => `${quoteName(name)} ASC NULLS LAST`).join(", ")}`;
}
