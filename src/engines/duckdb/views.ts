import { type DuckDBConnection, DuckDBTypeId } from "@duckdb/node-api";
import type { Field } from "../../core/table.ts";
import { quoteName } from "../engine.ts";
import { askValue } from "./rows.ts";
import { dataTypeOf } from "./types.ts";

/** Puts a temporary view under the name, whatever temporary table or view has it now. */
export async function replaceView(connection: DuckDBConnection, name: string, sql: string): Promise<void> {
  const quoted = quoteName(name);
  const tables = await askValue(
    connection,
    "SELECT count(*) FROM duckdb_tables() WHERE temporary AND lower(table_name) = lower($1)",
    [name],
  );
  if (tables !== 0n) await connection.run(`DROP TABLE temp.${quoted}`);
  await connection.run(`CREATE OR REPLACE TEMP VIEW ${quoted} AS ${sql}`);
}

export async function dropView(connection: DuckDBConnection, name: string): Promise<void> {
  await connection.run(`DROP VIEW IF EXISTS ${quoteName(name)}`);
}

/**
 * Names and types of a view's columns. A column whose type a table can't hold is left out: it is no fault
 * until a query selects it, and then it is refused with the cast to write.
 */
export async function fieldsOfView(connection: DuckDBConnection, name: string): Promise<Field[]> {
  const statement = await connection.prepare(`SELECT * FROM ${quoteName(name)}`);
  try {
    const fields: Field[] = [];
    for (let index = 0; index < statement.columnCount; index++) {
      if (statement.columnTypeId(index) === DuckDBTypeId.INVALID) continue;
      const type = dataTypeOf(statement.columnType(index));
      if (type !== undefined) fields.push({ name: statement.columnName(index), type, nullable: true });
    }
    return fields;
  } finally {
    statement.destroySync();
  }
}
