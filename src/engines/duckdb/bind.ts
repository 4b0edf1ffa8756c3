import type { DuckDBValue } from "@duckdb/node-api";
import type { Cell } from "../../core/table.ts";

/**
 * Cells as DuckDB takes them for `$1`, `$2`, …: a whole number is bound as an integer, another as a double,
 * a bigint as BIGINT or HUGEINT; text takes the type that its place in the statement asks for.
 */
export function boundValues(cells: readonly Cell[] | undefined): DuckDBValue[] | undefined {
  return cells === undefined || cells.length === 0 ? undefined : [...cells];
}
