import { mkdir, rm } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CancelledError, throwIfCancelled } from "../../core/errors.ts";
import type { Text } from "../../core/text.ts";
import { type EngineOptions, quoteText, type RunOptions } from "../engine.ts";
import { engineError } from "./errors.ts";
import { watched } from "./progress.ts";
import { newSpillFolder } from "./spill-folder.ts";

const GIB = 1024 ** 3;

/** Something that holds an unfinished result on the connection and can move it out of the way. */
export interface Parkable {
  park(): Promise<void>;
}

/**
 * One in-memory database and its connection. Views are of a connection, so all SQL runs on one; calls that
 * come at the same time wait for each other, and an open stream is moved aside (see {@link Parkable}).
 */
export class Session {
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  /** For what is larger than memory; made by who needs it first, removed on close. */
  readonly spillFolder: string;
  #queue: Promise<unknown> = Promise.resolve();
  #open: Parkable | undefined;
  #isClosed = false;
  #names = 0;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, spillFolder: string) {
    this.#instance = instance;
    this.connection = connection;
    this.spillFolder = spillFolder;
  }

  static async open(options: EngineOptions): Promise<Session> {
    // DuckDB makes the last folder of the path only.
    if (options.spillFolder !== undefined) await mkdir(options.spillFolder, { recursive: true });
    const spillFolder = await newSpillFolder(options.spillFolder);
    const instance = await DuckDBInstance.create(":memory:", {
      threads: String(options.threads ?? availableParallelism()),
      memory_limit: `${options.memoryBytes ?? defaultMemoryBytes()}B`,
      // Made when something spills, and not before.
      temp_directory: spillFolder,
      // Never rely on a downloaded extension: a query must mean the same without a network.
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    const connection = await instance.connect();
    await connection.run(
      "SET TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false",
    );
    return new Session(instance, connection, spillFolder);
  }

  /** A second connection on the same database: it sees tables, not temporary views. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  }

  /** A name that nothing else in this database has. */
  freshName(kind: string): string {
    this.#names++;
    return `_taller_${kind}_${this.#names}`;
  }

  /**
   * Runs work on the connection when it is free. `sql` is the caller's text, for positions in errors, below
   * `linesBefore` lines of ours; `stream` is the caller itself when it is the open stream that goes on.
   */
  exclusive<T>(
    task: {
      readonly sql: string;
      readonly linesBefore?: number | undefined;
      readonly options: RunOptions;
      /** What progress is told of; default: a query. */
      readonly label?: Text | undefined;
      readonly stream?: Parkable | undefined;
    },
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const { signal } = task.options;
    let hasBegun = false;
    const run = async (): Promise<T> => {
      hasBegun = true;
      if (this.#isClosed) throw new Error("the engine is closed");
      throwIfCancelled(signal);
      if (this.#open !== undefined && this.#open !== task.stream) {
        const parked = this.#open;
        this.#open = undefined;
        await parked.park();
      }
      if (task.stream !== undefined) this.#open = task.stream;
      try {
        const watching = { ...task.options, task: task.label };
        return await watched(this.connection, watching, () => work(this.connection));
      } catch (error) {
        throw engineError(error, task, signal);
      }
    };
    const result = this.#queue.then(run, run);
    this.#queue = result.catch(() => {});
    // Who is cancelled while it waits need not wait for the others' end.
    return signal === undefined ? result : unlessCancelled(result, signal, () => !hasBegun);
  }

  /** Removes what a call has left, in a turn that no signal interrupts; a closed engine has nothing left. */
  async tidy(work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    if (!this.#isClosed) await this.exclusive({ sql: "", options: {} }, work);
  }

  /** The stream has ended: nothing has to be moved aside for the next call. */
  release(stream: Parkable): void {
    if (this.#open === stream) this.#open = undefined;
  }

  /** Stops what runs, closes the database and removes what was spilled. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    const stopping = setInterval(() => this.connection.interrupt(), 10);
    this.connection.interrupt();
    this.#isClosed = true;
    await this.#queue;
    clearInterval(stopping);
    this.connection.closeSync();
    this.#instance.closeSync();
    await rm(this.spillFolder, { recursive: true, force: true });
  }

  /** Forbids files, extensions and settings from now on; what is registered already stays readable. */
  async lock(settings: {
    readonly folders: readonly string[];
    readonly maxSpillBytes: number;
  }): Promise<void> {
    const folders = settings.folders.map(quoteText).join(", ");
    await this.connection.run(`SET max_temp_directory_size = '${settings.maxSpillBytes}B'`);
    await this.connection.run(`SET allowed_directories = [${folders}]`);
    await this.connection.run("SET enable_external_access = false");
    await this.connection.run("SET lock_configuration = true");
  }
}

function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal, isWaiting: () => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      if (isWaiting()) reject(new CancelledError({ cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** A quarter of what this process may use (a container's limit counts), at most 2 GiB. */
function defaultMemoryBytes(): number {
  const limit = process.constrainedMemory();
  const usable = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(Math.min(usable / 4, 2 * GIB));
}
