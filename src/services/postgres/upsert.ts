import pg from "pg";

/** Rows by column, to be inserted or to replace those of the same key. */
export interface Upsert {
  /** A name, or a schema and a name. */
  readonly table: string | readonly [schema: string, name: string];
  /** By name: PostgreSQL's type (`bigint`, `numeric(12,2)`) and the values, all of one length. */
  readonly columns: Readonly<Record<string, { readonly type: string; readonly values: readonly unknown[] }>>;
  /** The columns of a primary key or unique index. */
  readonly key: readonly string[];
}

/** One statement carries so many rows: an array a column, whatever the number of rows. */
const BATCH_ROWS = 10_000;

/**
 * The statement of an upsert and the values of its batches: `INSERT … SELECT … FROM unnest($1::type[], …) ON CONFLICT`,
 * so that its text, and the number of its parameters, don't grow with the rows (a row a tuple ends at 65,535 parameters).
 * Of several rows of one key in a batch the last one stays. Throws a RangeError for columns of different lengths, for
 * a key that is no column and for a type that is not a type's name.
 */
export function upsertStatement({ table, columns, key }: Upsert): {
  readonly sql: string;
  readonly batches: readonly unknown[][];
} {
  const entries = Object.entries(columns);
  const rowCount = entries[0]?.[1].values.length ?? 0;
  for (const [name, { type, values }] of entries) {
    if (values.length !== rowCount)
      throw new RangeError(`column "${name}" has ${values.length} of ${rowCount} values`);
    if (!/^[a-z][a-z0-9_ ]*(\(\d+(, ?\d+)?\))?$/i.test(type))
      throw new RangeError(`"${type}" is no type's name`);
  }
  const missing = key.find((name) => columns[name] === undefined);
  if (missing !== undefined || key.length === 0)
    throw new RangeError(`the key's column "${missing ?? ""}" is missing`);

  const quote = pg.escapeIdentifier;
  const target = typeof table === "string" ? quote(table) : table.map(quote).join(".");
  const names = entries.map(([name]) => quote(name)).join(", ");
  const keys = key.map(quote).join(", ");
  const arrays = entries.map(([, { type }], i) => `$${i + 1}::${type}[]`).join(", ");
  const others = entries.filter(([name]) => !key.includes(name)).map(([name]) => quote(name));
  const action =
    others.length === 0
      ? "NOTHING"
      : `UPDATE SET ${others.map((name) => `${name} = EXCLUDED.${name}`).join(", ")}`;
  const sql = [
    `INSERT INTO ${target} (${names})`,
    `SELECT DISTINCT ON (${keys}) ${names} FROM unnest(${arrays}) WITH ORDINALITY AS new (${names}, "taller row")`,
    `ORDER BY ${keys}, "taller row" DESC`,
    `ON CONFLICT (${keys}) DO ${action}`,
  ].join("\n");
  const batches: unknown[][] = [];
  for (let from = 0; from < rowCount; from += BATCH_ROWS) {
    batches.push(entries.map(([, { values }]) => values.slice(from, from + BATCH_ROWS)));
  }
  return { sql, batches };
}
