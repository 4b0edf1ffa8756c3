import { type Cell, cellOf, type Table } from "../../core/table.ts";
import { quoteName, quoteText } from "../../engines/engine.ts";
import type { SqlExercise } from "../exercise.ts";
import type { Files } from "../gradable.ts";
import { sqlType } from "../kinds/sql-type.ts";

/** Past this a table of constants is no submission that anybody would write. */
const MAX_ROWS = 20_000;

/**
 * The submission of someone who copies the visible result: each result is a list of constants. Undefined when a
 * result is too large to be copied.
 */
export function constantSubmission(
  spec: SqlExercise,
  results: Readonly<Record<string, Table>>,
): Files | undefined {
  const [file = ""] = spec.files;
  if (Object.values(results).some((table) => table.rowCount > MAX_ROWS)) return undefined;
  if (spec.results === undefined) {
    const [only] = Object.values(results);
    return only === undefined ? undefined : { [file]: `${constantQuery(only)}\n` };
  }
  // PostgreSQL has a schema for temporary views; results are looked for among the others.
  const create = spec.engine === "postgres" ? "CREATE OR REPLACE VIEW" : "CREATE OR REPLACE TEMP VIEW";
  const views = Object.entries(results).map(
    ([name, table]) => `${create} ${quoteName(name)} AS\n${constantQuery(table)};\n`,
  );
  return { [file]: views.join("\n") };
}

function constantQuery(table: Table): string {
  const names = table.fields.map((field) => quoteName(field.name));
  if (table.rowCount === 0) {
    const nulls = table.fields.map(
      (field, index) => `CAST(NULL AS ${sqlType(field.type)}) AS ${names[index]}`,
    );
    return `SELECT ${nulls.join(", ")} WHERE 1 = 0`;
  }
  const rows: string[] = [];
  for (let row = 0; row < table.rowCount; row++) {
    const cells = table.fields.map((field, index) => {
      const column = table.columns[index];
      return column === undefined ? "NULL" : literal(cellOf(field, column, row));
    });
    rows.push(`  (${cells.join(", ")})`);
  }
  const columns = table.fields.map(
    (field, index) => `CAST(${names[index]} AS ${sqlType(field.type)}) AS ${names[index]}`,
  );
  return `SELECT ${columns.join(", ")}\nFROM (VALUES\n${rows.join(",\n")}\n) AS constants(${names.join(", ")})`;
}

/** Texts throughout, so that every row has the same types; the cast outside makes the column's own. */
function literal(cell: Cell): string {
  return cell === null ? "NULL" : quoteText(String(cell));
}
