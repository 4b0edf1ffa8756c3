import { mkdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { diskError } from "../../../core/atomic-file.ts";
import { messageOf } from "../../../core/errors.ts";
import { AnswerScanner, frameOf, type TransactionStatus } from "./messages.ts";
import type { Session } from "./session.ts";

/** A transaction of another connection did not end in time. */
export class TurnTimeout extends Error {}
/** The database ended while it worked; it has been opened anew. */
export class DatabaseLost extends Error {}

/**
 * PGlite has one session. Connections take turns with it: a turn lasts until the database is idle again, so that no
 * statement of another connection comes between a transaction's, or between a statement's Parse and its Execute.
 */
export class Database {
  #pglite: PGlite;
  readonly #folder: string;
  #holder: Session | undefined;
  #last: Session | undefined;
  readonly #waiting: { readonly session: Session; readonly start: () => void }[] = [];
  #status: TransactionStatus = "I";

  /** What every setting is before anyone changes it, by its small-letter name. */
  readonly defaults: ReadonlyMap<string, string>;

  private constructor(folder: string, pglite: PGlite, defaults: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#pglite = pglite;
    this.defaults = defaults;
  }

  /** Opens the folder's database, made if missing; throws a UserError where the disk has no room for it. */
  static async open(folder: string): Promise<Database> {
    const data = join(folder, "data");
    try {
      await initialise(folder);
      await rm(join(data, COPY_FOLDER), { recursive: true, force: true });
      const pglite = await PGlite.create(data);
      const { rows } = await pglite.query<{ name: string; setting: string }>(
        "SELECT name, setting FROM pg_settings",
      );
      await mkdir(join(data, COPY_FOLDER));
      return new Database(
        folder,
        pglite,
        new Map(rows.map(({ name, setting }) => [name.toLowerCase(), setting])),
      );
    } catch (error) {
      throw await spaceError(error, folder);
    }
  }

  /** Where a file for COPY is written, as the system and as the database names it. */
  copyFile(name: string): { readonly outside: string; readonly inside: string } {
    return {
      outside: join(this.#folder, "data", COPY_FOLDER, name),
      inside: `/pglite/data/${COPY_FOLDER}/${name}`,
    };
  }

  isHeldBy(session: Session): boolean {
    return this.#holder === session;
  }

  /** The state of the holder's transaction. */
  get status(): TransactionStatus {
    return this.#status;
  }

  /** Waits for the connection's turn; throws {@link TurnTimeout}. */
  async acquire(session: Session, timeoutMs: number): Promise<void> {
    if (this.#holder === session) return;
    if (this.#holder === undefined) this.#holder = session;
    else await this.#wait(session, timeoutMs);
    try {
      await this.#switchTo(session);
    } catch (error) {
      this.release(session);
      throw error;
    }
  }

  /** Ends the connection's turn. */
  release(session: Session): void {
    if (this.#holder !== session) return;
    this.#holder = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#holder = next.session;
    next.start();
  }

  /**
   * Runs messages in the holder's turn; its answers go to `onAnswer` as they come. `isToEnd`: the last one is a Query or
   * a Sync. Throws {@link DatabaseLost} where the database ended under them: PGlite then throws, or comes back without
   * the ReadyForQuery that always follows (seen for a stack that overflows).
   */
  async run(
    messages: Buffer,
    options: { readonly isToEnd: boolean; readonly onAnswer: (piece: Buffer) => void },
  ): Promise<{ readonly hasFailed: boolean }> {
    const scanner = new AnswerScanner();
    let cause: unknown;
    try {
      await this.#pglite.execProtocolRawStream(messages, {
        onRawData: (piece) => {
          // The database's memory is its own again after this call.
          const copy = Buffer.from(piece);
          scanner.push(copy);
          options.onAnswer(copy);
        },
      });
    } catch (error) {
      cause = error ?? new Error("unknown");
    }
    if (cause !== undefined || (options.isToEnd && scanner.status === undefined)) {
      await this.#reopen();
      throw new DatabaseLost("the database ended while it ran this statement", { cause });
    }
    if (scanner.status !== undefined) this.#status = scanner.status;
    return { hasFailed: scanner.hasFailed };
  }

  /** The rows of a query of our own, in the holder's turn or before any. */
  async rows(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const { rows } = await this.#pglite.query<Record<string, unknown>>(sql, [...values]);
    return rows;
  }

  async close(): Promise<void> {
    await this.#pglite.close();
  }

  #wait(session: Session, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = {
        session,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        const place = this.#waiting.indexOf(entry);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(new TurnTimeout());
      }, timeoutMs);
      this.#waiting.push(entry);
    });
  }

  /** Puts away the settings of the connection before and makes this one's. */
  async #switchTo(session: Session): Promise<void> {
    const last = this.#last;
    if (last === session) return;
    if (last?.maySet) {
      const rows = await this.rows(
        "SELECT name, setting FROM pg_settings WHERE source = 'session' UNION ALL SELECT 'role', current_setting('role')",
      );
      const settings = rows.map(({ name, setting }) => [String(name), String(setting)] as const);
      last.settings = settings.filter(([name, value]) => name !== "role" || value !== "none");
      last.maySet = false;
    }
    this.#last = session;
    // Connections of one pool have the same settings, and then nothing is to be done.
    if (JSON.stringify(last?.settings ?? []) === JSON.stringify(session.settings ?? [])) return;
    try {
      if (last?.settings !== undefined) await this.#pglite.exec(RESET);
      for (const [name, value] of session.settings ?? []) {
        await this.rows("SELECT set_config($1, $2, false)", [name, value]);
      }
    } catch (error) {
      // Some may have been made: nobody else is to meet them.
      await this.#pglite.exec(RESET);
      this.#last = undefined;
      throw error;
    }
  }

  async #reopen(): Promise<void> {
    // It may not come back from its end; its files are the system's anyway.
    await Promise.race([this.#pglite.close().catch(() => {}), sleep(CLOSE_MS, undefined, { ref: false })]);
    this.#pglite = await PGlite.create(join(this.#folder, "data"));
    this.#status = "I";
    this.#last = undefined;
  }

  /** Ends what a connection that is gone has left: its transaction, statements, temporary tables. */
  async forget(session: Session, others: Iterable<Session>): Promise<void> {
    const wasHeld = this.isHeldBy(session);
    await this.acquire(session, FORGET_WAIT_MS);
    try {
      const quiet = { isToEnd: true, onAnswer: () => {} };
      // Its last statements may still have waited for their Sync: they are undone, as PostgreSQL does. Where one of them
      // had failed, the database listens to nothing but that Sync.
      if (wasHeld) await this.run(Buffer.concat([frameOf("Q", "ROLLBACK"), frameOf("S")]), quiet);
      const closing = session.closeAll();
      if (closing.length > 0) await this.run(closing, quiet);
      if (session.mayHaveTemporary && ![...others].some((other) => other.mayHaveTemporary)) {
        await this.run(frameOf("Q", "DISCARD TEMP"), quiet);
      }
    } finally {
      this.release(session);
    }
  }
}

/** Made beside and renamed: a kill in the middle leaves no half of a database. */
async function initialise(folder: string): Promise<void> {
  const data = join(folder, "data");
  if ((await stat(join(data, "PG_VERSION")).catch(() => undefined)) !== undefined) return;
  const beside = join(folder, "data-new");
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true });
  // Segments of 4 MB, not 16: a learner's database is small, and its log is a multiple of them.
  try {
    const pglite = await PGlite.create(beside, { initDbStartParams: ["--wal-segsize=4"] });
    await pglite.close();
    await rename(beside, data);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
}

/** PGlite says only that it failed; a disk without room is the usual reason. */
async function spaceError(error: unknown, folder: string): Promise<unknown> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > MIN_FREE_BYTES) return error;
  return diskError(Object.assign(new Error(messageOf(error), { cause: error }), { code: "ENOSPC" }), folder);
}

/** An empty database takes 50 MB, and as much again while it is made. */
const MIN_FREE_BYTES = 100_000_000;
const RESET = "RESET ROLE; RESET ALL";
const COPY_FOLDER = "taller_copy";
const CLOSE_MS = 2_000;
const FORGET_WAIT_MS = 24 * 3_600_000;
