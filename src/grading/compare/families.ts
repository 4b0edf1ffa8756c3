import { type Column, type DataType, type Field, isNull } from "../../core/table.ts";

/**
 * What a type is to a learner. Engines give other widths for the same right answer (`sum(int)` is HUGEINT
 * in DuckDB and BIGINT in Spark), so results are compared by family unless the task fixes a type.
 */
export type Family = "boolean" | "integer" | "fraction" | "text" | "date" | "timestamp";

export interface NamedColumn {
  readonly field: Field;
  readonly column: Column;
}

/** `decimal` and `float64` are fractions; `int32` and `int64` are integers. */
export function familyOf(type: DataType): Family {
  switch (type.kind) {
    case "boolean":
    case "date":
    case "timestamp":
      return type.kind;
    case "int32":
    case "int64":
      return "integer";
    case "float64":
    case "decimal":
      return "fraction";
    case "string":
      return "text";
  }
}

/** True when the two columns may hold the same values: one family, or a date beside timestamps at midnight. */
export function isSameFamily(expected: NamedColumn, actual: NamedColumn): boolean {
  const wanted = familyOf(expected.field.type);
  const given = familyOf(actual.field.type);
  if (wanted === given) return true;
  if (wanted === "date" && given === "timestamp") return isAtMidnight(actual.column);
  if (wanted === "timestamp" && given === "date") return isAtMidnight(expected.column);
  return false;
}

const MICROS_OF_A_DAY = 86_400_000_000n;

/** True when every value of a timestamp column is the start of a UTC day (also when there is none). */
function isAtMidnight(column: Column): boolean {
  if (column.kind !== "timestamp") return false;
  for (let row = 0; row < column.values.length; row++) {
    if (!isNull(column, row) && (column.values[row] ?? 0n) % MICROS_OF_A_DAY !== 0n) return false;
  }
  return true;
}
