import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Table } from "../../../core/table.ts";
import { appendTable } from "../../../engines/duckdb/append-table.ts";
import { quoteName } from "../../../engines/engine.ts";
import type { SqlInit } from "./protocol.ts";

/** A case's database: its inputs, and no way to files, extensions or settings any more. */
export interface LockedDatabase {
  readonly connection: DuckDBConnection;
  /** The first input whose rows are no longer what they were. */
  changedInput(): Promise<string | undefined>;
  /** Puts DuckDB's random numbers back to the case's seed. */
  reseed(): Promise<void>;
  close(): void;
}

/** Everything is loaded and set first, then locked: the lock itself is among what can't be changed after it. */
export async function openLocked(
  init: SqlInit,
  world: {
    readonly inputs: Readonly<Record<string, Table>>;
    readonly clockMs: number;
    readonly seed: number;
  },
): Promise<LockedDatabase> {
  const instance = await DuckDBInstance.create(":memory:", {
    // One thread: order, sums of fractions and random() are then the same on every machine.
    threads: "1",
    memory_limit: `${init.memoryMb}MiB`,
    temp_directory: join(init.folder, "spill"),
    max_temp_directory_size: `${init.diskMb}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const [name, table] of Object.entries(world.inputs))
    await appendTable(connection, name, table, undefined);
  await connection.run(clockMacros(world.clockMs));
  const before = await digests(connection, Object.keys(world.inputs));
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
  return {
    connection,
    changedInput: async () => {
      const after = await digests(connection, [...before.keys()]);
      return [...before].find(([name, digest]) => after.get(name) !== digest)?.[0];
    },
    reseed: async () => {
      await connection.run(`SELECT setseed(${fractionOf(world.seed)})`);
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Count and hash of each input, without regard to order; undefined for one that is no longer there. */
async function digests(
  connection: DuckDBConnection,
  names: readonly string[],
): Promise<Map<string, string | undefined>> {
  const found = new Map<string, string | undefined>();
  for (const name of names) found.set(name, await digestOf(connection, name));
  return found;
}

async function digestOf(connection: DuckDBConnection, name: string): Promise<string | undefined> {
  const table = quoteName(name);
  try {
    const result = await connection.run(
      `SELECT count(*)::VARCHAR || ' ' || coalesce(bit_xor(hash(t)), 0)::VARCHAR || ' ' ||
       coalesce(sum(hash(t) % 1000003), 0)::VARCHAR FROM ${table} AS t`,
    );
    const [row] = await result.getRowsJson();
    return String(row?.[0]);
  } catch {
    // Dropped, or no table any more: changed in any case.
    return undefined;
  }
}

/** The day is the grader's: macros of the database come before DuckDB's own functions of these names. */
function clockMacros(clockMs: number): string {
  const [date = "", time = ""] = new Date(clockMs).toISOString().replace("Z", "").split("T");
  const instant = `TIMESTAMPTZ '${date} ${time}+00'`;
  const local = `TIMESTAMP '${date} ${time}'`;
  const bodies: Record<string, string> = {
    now: instant,
    transaction_timestamp: instant,
    get_current_timestamp: instant,
    current_timestamp: instant,
    current_localtimestamp: local,
    today: `DATE '${date}'`,
    current_date: `DATE '${date}'`,
    get_current_time: `TIME '${time}'`,
    current_localtime: `TIME '${time}'`,
  };
  return Object.entries(bodies)
    .map(([name, body]) => `CREATE MACRO ${quoteName(name)}() AS ${body};`)
    .join("\n");
}

/** setseed wants a number in [-1, 1]. */
function fractionOf(seed: number): number {
  return (seed % 1_000_000) / 1_000_000;
}
