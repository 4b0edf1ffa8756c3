import type { DataType } from "../../core/table.ts";

/** A type by the name that DuckDB and PostgreSQL both know. */
export function sqlType(type: DataType): string {
  switch (type.kind) {
    case "boolean":
      return "BOOLEAN";
    case "int32":
      return "INTEGER";
    case "int64":
      return "BIGINT";
    case "float64":
      return "DOUBLE PRECISION";
    case "decimal":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "string":
      return "VARCHAR";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP";
  }
}
