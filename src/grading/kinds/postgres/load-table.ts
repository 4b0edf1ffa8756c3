import type { PGlite } from "@electric-sql/pglite";
import { cellOf, type Table } from "../../../core/table.ts";
import { quoteName } from "../../../engines/engine.ts";
import { sqlType } from "../sql-type.ts";

/** Makes a PostgreSQL table of this name from a table, through COPY of a CSV. */
export async function loadTable(pg: PGlite, name: string, table: Table): Promise<void> {
  const columns = table.fields.map((field) => `${quoteName(field.name)} ${sqlType(field.type)}`);
  await pg.exec(`CREATE TABLE ${quoteName(name)} (${columns.join(", ")})`);
  if (table.rowCount === 0) return;
  const copy = `COPY ${quoteName(name)} FROM '/dev/blob' WITH (FORMAT csv)`;
  await pg.query(copy, [], { blob: new Blob([csvOf(table)]) });
}

/** Texts are quoted, so that the empty one is told from NULL. */
function csvOf(table: Table): string {
  const lines: string[] = [];
  for (let row = 0; row < table.rowCount; row++) {
    const cells = table.fields.map((field, index) => {
      const column = table.columns[index];
      const cell = column === undefined ? null : cellOf(field, column, row);
      if (cell === null) return "";
      return typeof cell === "string" ? `"${cell.replaceAll('"', '""')}"` : String(cell);
    });
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}
