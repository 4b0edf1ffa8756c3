import { UserError } from "../../core/errors.ts";
import { type Cell, type Column, cellOf, type DataType, type Table } from "../../core/table.ts";
import { ALL_MODES, type StreamSink } from "./sink.ts";

/** What the sink needs of a database; `services/postgres` gives it. */
export interface SinkTransaction {
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rowCount: number }>;
  upsert(upsert: {
    readonly table: string;
    readonly columns: Readonly<
      Record<string, { readonly type: string; readonly values: readonly unknown[] }>
    >;
    readonly key: readonly string[];
  }): Promise<number>;
}

export interface SinkDatabase {
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rowCount: number }>;
  transaction<T>(work: (transaction: SinkTransaction) => Promise<T>): Promise<T>;
}

/** Which batches of which query are in the database, beside the rows. */
export const BATCHES_TABLE = "streaming_batches";

/**
 * Rows of a PostgreSQL table, exactly once: the query's id and the batch's id are stored in the transaction that
 * stores the rows, so a batch that comes again after a crash finds itself there and writes nothing. Rule 16.
 *
 * With `key` a row replaces the one of its key (update and complete mode); without one rows are inserted. The table
 * is made if missing; in complete mode it is emptied first, in the same transaction.
 */
export function postgresSink(options: {
  readonly database: SinkDatabase;
  readonly table: string;
  /** PostgreSQL's type of a column where the one that follows from ours won't do. */
  readonly types?: Readonly<Record<string, string>> | undefined;
  readonly key?: readonly string[] | undefined;
}): StreamSink {
  const { database, table, key = [], types = {} } = options;
  const name = quoted(table);
  let isMade = false;
  return {
    description: `PostgresSink[${table}]`,
    modes: key.length === 0 ? ["append", "complete"] : ALL_MODES,
    async open() {
      await database.query(
        `CREATE TABLE IF NOT EXISTS ${BATCHES_TABLE} (query_id text NOT NULL, batch_id bigint NOT NULL, table_name text NOT NULL, written_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (query_id, batch_id, table_name))`,
      );
    },
    async write({ batchId, queryId, mode, table: rows }) {
      const columns = postgresColumns(rows, types);
      if (!isMade && rows.fields.length > 0) {
        const definitions = Object.entries(columns).map(([column, { type }]) => `${quoted(column)} ${type}`);
        const primary = key.length === 0 ? "" : `, PRIMARY KEY (${key.map(quoted).join(", ")})`;
        await database.query(`CREATE TABLE IF NOT EXISTS ${name} (${definitions.join(", ")}${primary})`);
        isMade = true;
      }
      await database.transaction(async (transaction) => {
        const stored = await transaction.query(
          `INSERT INTO ${BATCHES_TABLE} (query_id, batch_id, table_name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
          // A query may write to two tables, its rows and its dead letters: each has the batch for itself.
          [queryId, batchId, table],
        );
        if (stored.rowCount === 0) return;
        if (mode === "complete") await transaction.query(`DELETE FROM ${name}`);
        if (rows.rowCount === 0) return;
        if (key.length > 0) await transaction.upsert({ table, columns, key });
        else await insert(transaction, name, columns);
      });
    },
  };
}

/** One statement an insert, an array a column: its text does not grow with the rows. */
async function insert(
  transaction: SinkTransaction,
  name: string,
  columns: ReturnType<typeof postgresColumns>,
): Promise<void> {
  const entries = Object.entries(columns);
  const names = entries.map(([column]) => quoted(column)).join(", ");
  const arrays = entries.map(([, { type }], i) => `$${i + 1}::${type}[]`).join(", ");
  const values = entries.map(([, column]) => column.values);
  await transaction.query(`INSERT INTO ${name} (${names}) SELECT * FROM unnest(${arrays})`, values);
}

const TYPES: Readonly<Record<DataType["kind"], string>> = {
  boolean: "boolean",
  int32: "integer",
  int64: "bigint",
  float64: "double precision",
  decimal: "numeric",
  string: "text",
  date: "date",
  timestamp: "timestamptz",
};

function postgresColumns(
  table: Table,
  types: Readonly<Record<string, string>>,
): Record<string, { readonly type: string; readonly values: readonly unknown[] }> {
  return Object.fromEntries(
    table.fields.map((field, i) => {
      const column = table.columns[i];
      const type = types[field.name] ?? TYPES[field.type.kind];
      const values =
        column === undefined
          ? []
          : Array.from({ length: table.rowCount }, (_, row) =>
              postgresValue(cellOf(field, column, row), column),
            );
      return [field.name, { type, values }];
    }),
  );
}

/** The driver's form: int64 as text (exact), times with their zone. */
function postgresValue(cell: Cell, column: Column): unknown {
  if (cell === null) return null;
  if (typeof cell === "bigint") return cell.toString();
  return column.kind === "timestamp" ? `${String(cell)}Z` : cell;
}

function quoted(name: string): string {
  if (name.includes("\0") || name === "") {
    throw new UserError({
      fault: "usage",
      code: "bad-table-name",
      what: { es: `«${name}» no es el nombre de una tabla.`, en: `"${name}" is no name of a table.` },
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}
