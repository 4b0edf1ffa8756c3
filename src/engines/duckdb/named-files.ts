import type { DuckDBConnection } from "@duckdb/node-api";
import { askRows, askValue } from "./rows.ts";

/** Files of the registered sources, by name in lower case. */
export type FileSources = ReadonlyMap<string, readonly string[]>;

/**
 * The files of every registered source that a query names, itself or through views. Empty for a text that
 * is no SELECT: DuckDB gives the syntax tree of those only.
 */
export async function filesNamed(
  connection: DuckDBConnection,
  sources: FileSources,
  sql: string,
): Promise<string[]> {
  const views = new Map<string, string>();
  for (const [name, text] of await askRows(
    connection,
    "SELECT lower(view_name), sql FROM duckdb_views() WHERE NOT internal",
  )) {
    views.set(String(name), String(text).replace(VIEW_HEAD, ""));
  }
  const files = new Set<string>();
  const seen = new Set<string>();
  const pending = [sql];
  for (let text = pending.pop(); text !== undefined; text = pending.pop()) {
    for (const name of await tablesNamed(connection, text)) {
      if (seen.has(name)) continue;
      seen.add(name);
      for (const file of sources.get(name) ?? []) files.add(file);
      const view = sources.has(name) ? undefined : views.get(name);
      if (view !== undefined) pending.push(view);
    }
  }
  return [...files];
}

/** `CREATE TEMP VIEW "name" AS `, as DuckDB writes it. */
const VIEW_HEAD = /^CREATE (?:TEMP )?VIEW (?:"(?:[^"]|"")*"|\S+)(?: \([^)]*\))? AS /;

async function tablesNamed(connection: DuckDBConnection, sql: string): Promise<Set<string>> {
  const tree: unknown = JSON.parse(
    String(await askValue(connection, "SELECT json_serialize_sql(CAST($1 AS VARCHAR))", [sql])),
  );
  const names = new Set<string>();
  collectTables(tree, names);
  return names;
}

function collectTables(node: unknown, names: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && node.type === "BASE_TABLE" && "table_name" in node) {
    names.add(String(node.table_name).toLowerCase());
  }
  for (const child of Object.values(node)) collectTables(child, names);
}
