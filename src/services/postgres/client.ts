import type { Pool, PoolClient } from "pg";
import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import { readPostgresType } from "./types.ts";
import { type Upsert, upsertStatement } from "./upsert.ts";

/** What a transaction can do, and what a database can do outside of one. */
export interface Queryable {
  /** Runs one statement with values for `$1`, `$2`, …; rows are objects by column, with values as types.ts says. */
  query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<QueryRows<Row>>;
  /** Inserts rows, or replaces those of the same key; gives how many rows there are in the end. */
  upsert(upsert: Upsert): Promise<number>;
}

export interface QueryRows<Row> {
  readonly rows: readonly Row[];
  /** Rows that were given, or changed. */
  readonly rowCount: number;
}

/** A PostgreSQL database, the embedded one or a real one: there is no difference from here. */
export interface Postgres extends Queryable {
  /** Runs the work in one transaction: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface PostgresAddress {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** Where names without a schema lie; made if missing. Default `taller`: nothing else of a real database is touched. */
  readonly schema?: string | undefined;
  /** Default 4. */
  readonly maxConnections?: number | undefined;
}

/** Connects, in UTC; throws a UserError that names the address (without its password) when nobody answers. */
export async function openPostgres(address: PostgresAddress): Promise<Postgres> {
  const { url, schema = "taller", maxConnections = 4 } = address;
  if (!/^[a-z_][a-z0-9_]*$/.test(schema)) throw new RangeError(`"${schema}" is no plain name of a schema`);
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    ...connectionOf(url),
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    application_name: "taller",
    options: `-c TimeZone=UTC -c DateStyle=ISO -c search_path=${schema}`,
    types: { getTypeParser: readPostgresType },
  });
  // A connection that breaks while it is idle is replaced; whoever uses one learns of it there.
  pool.on("error", () => {});
  try {
    await createSchema(pool, schema);
  } catch (error) {
    await pool.end();
    throw connectionError(error, url);
  }
  const withClient = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let failure: unknown;
    try {
      return await work(client);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // One that broke is not given to the next.
      client.release(isBroken(failure));
    }
  };
  return {
    query: (sql, values) => withClient((client) => queryOn(client, sql, values)),
    upsert: (upsert) => withClient((client) => upsertOn(client, upsert)),
    transaction: (work) =>
      withClient(async (client) => {
        await client.query("BEGIN");
        try {
          const result = await work({
            query: (sql, values) => queryOn(client, sql, values),
            upsert: (upsert) => upsertOn(client, upsert),
          });
          await client.query("COMMIT");
          return result;
        } catch (error) {
          await client.query("ROLLBACK").catch(() => {});
          throw error;
        }
      }),
    close: () => pool.end(),
  };
}

/**
 * The driver's settings for an address. Encryption is the address's own matter (`?sslmode=…`): what PGSSLMODE says at
 * work is not asked.
 */
export function connectionOf(url: string): { readonly connectionString: string; readonly ssl: false } {
  return { connectionString: url, ssl: false };
}

/** Two that create it at once: one is told that it is there already, by either of two errors. */
async function createSchema(pool: Pool, name: string): Promise<void> {
  try {
    await pool.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
  } catch (error) {
    if (!["23505", "42P06"].includes(codeOf(error))) throw error;
  }
}

async function queryOn<Row>(
  client: PoolClient,
  sql: string,
  values: readonly unknown[] = [],
): Promise<QueryRows<Row>> {
  // The rows' shape is the caller's own claim, as it is with the driver.
  const { rows, rowCount } = await client.query(sql, [...values]);
  return { rows: rows as Row[], rowCount: rowCount ?? 0 };
}

async function upsertOn(client: PoolClient, upsert: Upsert): Promise<number> {
  const { sql, batches } = upsertStatement(upsert);
  let count = 0;
  for (const values of batches) count += (await client.query(sql, values)).rowCount ?? 0;
  return count;
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Errors of the database have five characters of code; those of the connection have others, or none. */
function isBroken(error: unknown): boolean {
  return (
    error !== undefined && error instanceof Error && !/^[0-9A-Z]{5}$/.test(codeOf(error)) && "errno" in error
  );
}

function connectionError(error: unknown, url: string): unknown {
  const code = codeOf(error);
  const isRefused = ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH", "ECONNRESET"].includes(code);
  const isDenied = ["28P01", "28000", "3D000"].includes(code);
  if (!isRefused && !isDenied) return error;
  return new UserError({
    fault: "environment",
    code: isRefused ? "postgres-unreachable" : "postgres-refused",
    what: isRefused
      ? { es: "PostgreSQL no responde en su dirección.", en: "PostgreSQL does not answer at its address." }
      : {
          es: `PostgreSQL no acepta la conexión: ${messageOf(error)}.`,
          en: `PostgreSQL refuses the connection: ${messageOf(error)}.`,
        },
    where: withoutPassword(url),
    next: [verbatim("taller services status")],
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The address as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:/@]*):[^@]*@/i, "$1:…@");
}
