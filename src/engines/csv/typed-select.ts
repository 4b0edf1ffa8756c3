import { formatType } from "../../core/table.ts";
import { valueFormat } from "./formats.ts";
import type { CsvColumn } from "./inspection.ts";
import { TRUTH_PAIRS } from "./words.ts";

/** What the values of a column need before they can be cast. */
export interface ValueCare {
  readonly isPadded: boolean;
  readonly hasBlanks: boolean;
}

/**
 * The query that gives the typed rows from a view of the same columns as text. It is portable between DuckDB
 * and Spark, and plain CASTs: every value was seen to fit, so a CAST that fails is an error of ours, not a NULL.
 */
export function typedSelect(
  columns: readonly CsvColumn[],
  cares: readonly (ValueCare | undefined)[],
  from: string,
): string {
  const items = columns.flatMap((column, index) =>
    column.isSelected ? [`  ${expressionOf(column, cares[index])} AS ${column.name}`] : [],
  );
  return `SELECT\n${items.join(",\n")}\nFROM ${from}`;
}

function expressionOf(column: CsvColumn, care: ValueCare | undefined): string {
  const format = valueFormat(column.type, column.format);
  if (format === undefined || format.kind === "text") return withNulls(column.name, column.nulls ?? []);
  // Nothing is wrapped without need: DuckDB takes time in the square of the columns for nullif(trim(…), …).
  const bare = care?.isPadded || care?.hasBlanks ? `trim(${column.name})` : column.name;
  const value = withNulls(bare, [...(care?.hasBlanks ? [""] : []), ...(column.nulls ?? [])]);
  switch (format.kind) {
    case "number": {
      const plain = format.groupMarks.reduce((sql, mark) => `replace(${sql}, ${sqlText(mark)}, '')`, value);
      const point = format.decimalComma ? `replace(${plain}, ',', '.')` : plain;
      return `CAST(${point} AS ${sqlType(column)})`;
    }
    case "date": {
      if (!format.hasTime) return `CAST(${isoDate(value, format.order, format.separator)} AS DATE)`;
      if (format.order === "ymd") {
        const dashed =
          format.separator === "-" ? value : `replace(${value}, ${sqlText(format.separator)}, '-')`;
        return `CAST(replace(replace(replace(${dashed}, 'T', ' '), 'Z', ''), '+00:00', '') AS TIMESTAMP)`;
      }
      const date = isoDate(`split_part(${value}, ' ', 1)`, format.order, format.separator);
      return `CAST(${date} || ' ' || split_part(${value}, ' ', 2) AS TIMESTAMP)`;
    }
    case "truth": {
      const pair = TRUTH_PAIRS[format.pair];
      const list = (words: readonly string[]) => words.map(sqlText).join(", ");
      const lower = `lower(${value})`;
      return `CASE WHEN ${lower} IN (${list(pair?.yes ?? [])}) THEN TRUE WHEN ${lower} IN (${list(pair?.no ?? [])}) THEN FALSE END`;
    }
  }
}

function withNulls(sql: string, words: readonly string[]): string {
  return words.reduce((inner, word) => `nullif(${inner}, ${sqlText(word)})`, sql);
}

function isoDate(value: string, order: "ymd" | "dmy" | "mdy", separator: string): string {
  if (order === "ymd") return separator === "-" ? value : `replace(${value}, ${sqlText(separator)}, '-')`;
  const part = (index: number) => `split_part(${value}, ${sqlText(separator)}, ${index})`;
  const [month, day] = order === "dmy" ? [part(2), part(1)] : [part(1), part(2)];
  return `${part(3)} || '-' || ${month} || '-' || ${day}`;
}

function sqlType(column: CsvColumn): string {
  switch (column.type.kind) {
    case "int32":
      return "INT";
    case "int64":
      return "BIGINT";
    case "float64":
      return "DOUBLE";
    default:
      return formatType(column.type).toUpperCase();
  }
}

/** A text literal that both engines read alike: Spark takes a backslash for an escape, DuckDB does not. */
function sqlText(text: string): string {
  const parts = text.split("\\").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `concat(${parts.join(", chr(92), ")})`;
}
