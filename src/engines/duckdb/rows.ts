import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";

/** A small result's rows, for what we ask DuckDB about itself; never for the user's data. */
export async function askRows(
  connection: DuckDBConnection,
  sql: string,
  values?: DuckDBValue[],
): Promise<DuckDBValue[][]> {
  return (await connection.run(sql, values)).getRows();
}

/** The first value of the first row; undefined when there is none. */
export async function askValue(
  connection: DuckDBConnection,
  sql: string,
  values?: DuckDBValue[],
): Promise<DuckDBValue | undefined> {
  return (await askRows(connection, sql, values))[0]?.[0];
}

/** A count or a size that DuckDB gave as BIGINT or HUGEINT. */
export function toNumber(value: DuckDBValue | undefined): number {
  return typeof value === "bigint" || typeof value === "number" ? Number(value) : 0;
}

export function toText(value: DuckDBValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
