import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalType,
  type DuckDBType,
  DuckDBTypeId,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from "@duckdb/node-api";
import type { DataType } from "../../core/table.ts";
import { quoteName, SqlError } from "../engine.ts";

/** How a DuckDB column reaches a table's column. */
export interface ColumnPlan {
  readonly name: string;
  readonly from: DuckDBType;
  readonly type: DataType;
}

export interface TypeOptions {
  /** Decimals of more than 18 digits become float64; without it one whose values don't fit is an error. */
  readonly wideDecimals?: "float64" | undefined;
}

/**
 * The table type of a DuckDB type. Integers wider than 64 bits become int64 and decimals wider than 18
 * digits become 18 digits: the reader checks each value and names the column of one that does not fit.
 * Throws an SqlError for a type that a table does not have, with the cast to write.
 */
export function columnPlan(name: string, from: DuckDBType, options: TypeOptions = {}): ColumnPlan {
  const type = dataTypeOf(from, options);
  if (type !== undefined) return { name, from, type };
  const quoted = quoteName(name);
  const cast = from.typeId === DuckDBTypeId.DECIMAL ? "DOUBLE" : "STRING";
  throw new SqlError({
    code: "Unsupported type",
    message: `column ${quoted} is ${from.toString()}, which a table can't hold; write: CAST(${quoted} AS ${cast}) AS ${quoted}`,
  });
}

/** The table type, or undefined where there is none. */
export function dataTypeOf(from: DuckDBType, options: TypeOptions = {}): DataType | undefined {
  switch (from.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { kind: "boolean" };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return { kind: "int32" };
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return { kind: "int64" };
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { kind: "float64" };
    case DuckDBTypeId.DECIMAL: {
      if (!(from instanceof DuckDBDecimalType)) return undefined;
      if (from.width <= 18) return { kind: "decimal", precision: from.width, scale: from.scale };
      if (options.wideDecimals === "float64") return { kind: "float64" };
      return from.scale > 18 ? undefined : { kind: "decimal", precision: 18, scale: from.scale };
    }
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.SQLNULL:
      return { kind: "string" };
    case DuckDBTypeId.DATE:
      return { kind: "date" };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { kind: "timestamp" };
    default:
      return undefined;
  }
}

/** The DuckDB type that holds a table type. */
export function duckTypeOf(type: DataType): DuckDBType {
  switch (type.kind) {
    case "boolean":
      return BOOLEAN;
    case "int32":
      return INTEGER;
    case "int64":
      return BIGINT;
    case "float64":
      return DOUBLE;
    case "decimal":
      return DECIMAL(type.precision, type.scale);
    case "string":
      return VARCHAR;
    case "date":
      return DATE;
    case "timestamp":
      return TIMESTAMP;
  }
}

/** The same as SQL text. */
export function sqlTypeOf(type: DataType): string {
  return duckTypeOf(type).toString();
}
