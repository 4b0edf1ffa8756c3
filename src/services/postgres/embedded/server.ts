import { createServer, type Socket } from "node:net";
import { messageOf } from "../../../core/errors.ts";
import { lockFolder } from "../../folder-lock.ts";
import { listen } from "../../listen.ts";
import { Connection } from "./connection.ts";
import { Database, DatabaseLost } from "./database.ts";
import { errorFrame } from "./messages.ts";
import type { Admission } from "./startup.ts";

export interface PostgresOptions {
  /** Made if missing. One process at a time: two on one folder would diverge. */
  readonly folder: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Default `taller`, all three. */
  readonly password?: string | undefined;
  /** Default 127.0.0.1: other machines don't reach it. */
  readonly host?: string | undefined;
  /** How long a connection waits for another's transaction; default 30 s. */
  readonly turnTimeoutMs?: number | undefined;
  /** Default 100, as PostgreSQL's own. */
  readonly maxConnections?: number | undefined;
  /** Told, in English, of what no client can be told. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface RunningPostgres {
  /** `postgresql://postgres:taller@127.0.0.1:5432/postgres`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * PostgreSQL (PGlite) behind a socket, for any client of its protocol 3.0, several at once. PGlite has one session, so
 * connections take turns by transaction, and one of them never meets another's half batch, prepared statements or
 * settings; temporary tables and advisory locks they share. A statement that runs can't be cancelled. What is committed
 * survives the end of the process, not the loss of power (PGlite runs with fsync off). Throws a UserError for a busy
 * port or a folder that another process serves.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { folder, port, host = "127.0.0.1", turnTimeoutMs = 30_000, maxConnections = 100 } = options;
  const warn = options.onWarning ?? (() => {});
  const admission: Admission = {
    user: "postgres",
    password: options.password ?? "taller",
    database: "postgres",
  };
  const lock = await lockFolder(folder, "postgres");
  try {
    const database = await Database.open(folder);
    const connections = new Map<Connection, Socket>();
    const running = new Set<Promise<void>>();
    let nextId = 1;

    const serve = async (socket: Socket) => {
      socket.setNoDelay(true);
      // Whoever reads or writes learns of it there.
      socket.on("error", () => {});
      if (connections.size >= maxConnections) {
        socket.end(errorFrame("53300", "sorry, too many clients already", "FATAL"));
        return;
      }
      const connection = new Connection({ socket, database, id: nextId++, admission, turnTimeoutMs });
      connections.set(connection, socket);
      try {
        await connection.serve();
      } catch (error) {
        warn(`a connection ended: ${messageOf(error)}`);
        // What the others had prepared and set is gone with the database.
        if (error instanceof DatabaseLost) for (const other of connections.values()) other.destroy();
      } finally {
        connections.delete(connection);
        const others = [...connections.keys()].map(({ session }) => session);
        await database.forget(connection.session, others).catch((error: unknown) => {
          warn(`what a connection left could not be put away: ${messageOf(error)}`);
        });
      }
    };
    const server = createServer((socket) => {
      const serving = serve(socket);
      running.add(serving);
      void serving.finally(() => running.delete(serving));
    });
    const close = async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections.values()) socket.destroy();
      await closed;
      await Promise.all(running);
      await database.close();
      await lock.release();
    };
    const boundPort = await listen(server, { host, port, service: "postgres" }).catch(
      async (error: unknown) => {
        await database.close();
        throw error;
      },
    );
    let closing: Promise<void> | undefined;
    return {
      url: `postgresql://${admission.user}:${encodeURIComponent(admission.password)}@${host}:${boundPort}/${admission.database}`,
      port: boundPort,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
