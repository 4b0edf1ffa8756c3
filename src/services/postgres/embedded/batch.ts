import { once } from "node:events";
import type { Socket } from "node:net";
import { type Database, TurnTimeout } from "./database.ts";
import { errorFrame, frameOf, readyFrame } from "./messages.ts";
import type { Session } from "./session.ts";

export interface BatchInput {
  readonly socket: Socket;
  readonly database: Database;
  readonly session: Session;
  /** How long it waits while another connection is in a transaction. */
  readonly turnTimeoutMs: number;
}

/**
 * The messages of one connection that wait to be run: up to a Sync or a Query they are run together, in one turn, and
 * the answers go to the client.
 */
export class Batch {
  /** After an error all is passed over up to the next Sync, as in PostgreSQL. */
  isSkipping = false;
  readonly #input: BatchInput;
  #frames: Buffer[] = [];
  #bytes = 0;

  constructor(input: BatchInput) {
    this.#input = input;
  }

  /** An error of ours that does to the transaction what one of the database does. */
  async fail(code: string, message: string, isExtended = false): Promise<void> {
    const text = message.replaceAll("'", "''");
    this.add(
      frameOf(
        "Q",
        `DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''${code}'', MESSAGE = ''${text.replaceAll("'", "''")}''; END'`,
      ),
    );
    await this.runToEnd({ isWithinBatch: isExtended });
  }

  add(frame: Buffer): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
  }

  /** An answer of our own, in its place among the database's. */
  async answer(frame: Buffer): Promise<void> {
    await this.run();
    if (!this.isSkipping) this.send(frame);
  }

  async runIfLarge(): Promise<void> {
    if (this.#bytes > MAX_BATCH_BYTES) await this.run();
  }

  /** Runs what has come so far; the turn goes on. */
  async run(how: RunOptions = {}): Promise<void> {
    const { isToEnd = false, onAnswer = (piece: Buffer) => this.send(piece) } = how;
    if (this.#frames.length === 0) return;
    const { database, turnTimeoutMs, socket } = this.#input;
    const messages = Buffer.concat(this.#frames);
    this.#frames = [];
    this.#bytes = 0;
    try {
      await database.acquire(this.#input.session, turnTimeoutMs);
    } catch (error) {
      if (!(error instanceof TurnTimeout)) throw error;
      this.send(errorFrame("55P03", WAITED));
      this.isSkipping = true;
      return;
    }
    const { hasFailed } = await database.run(messages, { isToEnd, onAnswer });
    if (hasFailed) this.isSkipping = true;
    if (socket.writableNeedDrain && !socket.destroyed) {
      await Promise.race([once(socket, "drain"), once(socket, "close")]);
    }
  }

  /** Runs what has come, up to a Sync or a Query, and ends the turn where no transaction is open. */
  async runToEnd(options: { readonly isWithinBatch: boolean } = { isWithinBatch: false }): Promise<void> {
    const { database } = this.#input;
    if (options.isWithinBatch) {
      // It went as a Query, whose ReadyForQuery the client does not expect before its Sync.
      const answers: Buffer[] = [];
      await this.run({ isToEnd: true, onAnswer: (piece) => void answers.push(piece) });
      const all = Buffer.concat(answers);
      this.send(all.subarray(0, Math.max(0, all.length - readyFrame("I").length)));
      return;
    }
    await this.run({ isToEnd: true });
    if (this.isSkipping && !database.isHeldBy(this.#input.session)) this.send(readyFrame("I"));
    this.isSkipping = false;
    if (database.isHeldBy(this.#input.session) && database.status === "I")
      database.release(this.#input.session);
  }

  /** Messages of our own, between the client's. */
  async runQuietly(messages: Buffer): Promise<void> {
    this.add(messages);
    await this.run({ isToEnd: true, onAnswer: () => {} });
    this.isSkipping = false;
  }

  send(frame: Buffer): void {
    if (this.#input.socket.writable) this.#input.socket.write(frame);
  }

  /** A Sync of the client: it is answered even where nothing is to be run. */
  async sync(): Promise<void> {
    const { database } = this.#input;
    if (this.#frames.length === 0 && !database.isHeldBy(this.#input.session)) {
      this.isSkipping = false;
      return this.send(readyFrame("I"));
    }
    this.add(frameOf("S"));
    await this.runToEnd();
  }
}

interface RunOptions {
  /** The last message is a Query or a Sync. */
  readonly isToEnd?: boolean;
  /** Where the answers go; default to the client. */
  readonly onAnswer?: (piece: Buffer) => void;
}

const MAX_BATCH_BYTES = 1_000_000;

/** What a connection is told that has waited too long for its turn. */
export const WAITED =
  "another connection has had a transaction open for too long: the embedded PostgreSQL has one session, and connections take turns";
