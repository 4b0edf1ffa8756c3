import { once } from "node:events";
import type { Socket } from "node:net";
import { messageOf, systemCode } from "../../../core/errors.ts";
import { CopyIn, type CopyText } from "./copy-in.ts";
import { type Database, DatabaseLost, TurnTimeout } from "./database.ts";
import {
  errorFrame,
  frameOf,
  type Message,
  MessageReader,
  ProtocolError,
  readyFrame,
  textAt,
} from "./messages.ts";
import { Session } from "./session.ts";
import {
  type Admission,
  askPassword,
  isPassword,
  readFirst,
  refusalOf,
  settingsOf,
  welcome,
} from "./startup.ts";
import { readCopyFromClient, readStatements } from "./statements.ts";

export interface ConnectionInput {
  readonly socket: Socket;
  readonly database: Database;
  readonly id: number;
  readonly admission: Admission;
  /** How long it waits while another connection is in a transaction. */
  readonly turnTimeoutMs: number;
}

/** One client: reads its messages, gives them to the database in its turn, and hands the answers back. */
export class Connection {
  readonly session: Session;
  readonly #input: ConnectionInput;
  readonly #reader = new MessageReader();
  #batch: Buffer[] = [];
  #batchBytes = 0;
  /** After an error all is passed over up to the next Sync, as in PostgreSQL. */
  #isSkipping = false;
  #copy: CopyIn | undefined;
  readonly #copyStatements = new Map<string, CopyText>();
  readonly #copyPortals = new Map<string, CopyText>();

  constructor(input: ConnectionInput) {
    this.#input = input;
    this.session = new Session(input.id);
  }

  /** Serves the client until it leaves; throws {@link DatabaseLost} when the database ended under it. */
  async serve(): Promise<void> {
    const { socket } = this.#input;
    const messages = this.#messages();
    try {
      if (!(await this.#admit(messages))) return;
      for await (const message of messages) {
        if (message.type === "X") break;
        await this.#handle(message);
      }
    } catch (error) {
      if (error instanceof ProtocolError)
        this.#send(errorFrame("08P01", `not the protocol: ${error.message}`, "FATAL"));
      else if (error instanceof DatabaseLost) {
        this.#send(
          errorFrame("57P02", `${error.message}; what was committed is kept: connect again`, "FATAL"),
        );
        throw error;
      } else if (!isGoneAway(error)) throw error;
    } finally {
      await this.#copy?.discard();
      socket.end();
      socket.destroySoon();
    }
  }

  async *#messages(): AsyncGenerator<Message> {
    this.#isFirst = true;
    // What is still to be sent must go out when the reading ends.
    for await (const piece of this.#input.socket.iterator({ destroyOnReturn: false })) {
      this.#reader.push(piece);
      for (;;) {
        const message = this.#reader.next({ isFirst: this.#isFirst });
        if (message === undefined) break;
        yield message;
      }
    }
  }
  #isFirst = true;

  /** The beginning of a connection; false when it ends there. */
  async #admit(messages: AsyncGenerator<Message>): Promise<boolean> {
    const { admission, database, id } = this.#input;
    for (;;) {
      const { value: message, done } = await messages.next();
      if (done === true) return false;
      const first = readFirst(message);
      if (first.kind === "encryption") {
        this.#input.socket.write("N");
        continue;
      }
      // A statement that runs can't be ended from outside; the client is told nothing, as PostgreSQL does.
      if (first.kind === "cancel") return false;
      if (first.kind === "unknown") {
        this.#send(errorFrame("0A000", `unsupported frontend protocol ${first.major}`, "FATAL"));
        return false;
      }
      this.#isFirst = false;
      const refusal = refusalOf(first.parameters, admission);
      if (refusal !== undefined) {
        this.#send(refusal);
        return false;
      }
      this.#send(askPassword);
      const { value: answer, done: isGone } = await messages.next();
      if (isGone === true) return false;
      if (!isPassword(answer, admission)) {
        this.#send(
          errorFrame("28P01", `password authentication failed for user "${admission.user}"`, "FATAL"),
        );
        return false;
      }
      const settings = settingsOf(first.parameters, database.defaults);
      if (settings.length > 0 && !(await this.#begin(settings))) return false;
      this.#send(
        welcome({ minor: first.minor, id, parameters: first.parameters, settings, database, admission }),
      );
      return true;
    }
  }

  /** Makes the settings that the client begins with; false, with the database's words, when one is refused. */
  async #begin(settings: readonly (readonly [string, string])[]): Promise<boolean> {
    const { database, turnTimeoutMs } = this.#input;
    this.session.settings = settings;
    try {
      await database.acquire(this.session, turnTimeoutMs);
      database.release(this.session);
      return true;
    } catch (error) {
      this.session.settings = undefined;
      this.#send(errorFrame(systemCode(error) ?? "55P03", messageOf(error) || WAITED, "FATAL"));
      return false;
    }
  }

  async #handle(message: Message): Promise<void> {
    if (this.#copy !== undefined) return this.#handleCopy(this.#copy, message);
    if (this.#isSkipping && message.type !== "S") return;
    switch (message.type) {
      case "Q":
        return this.#query(textAt(message.body, 0).text);
      case "P":
        return this.#parse(message);
      case "B":
        return this.#bind(message);
      case "D":
      case "C":
        return this.#describeOrClose(message);
      case "E":
        return this.#execute(message);
      case "H":
        this.#add(message.frame);
        return this.#run();
      case "S":
        return this.#sync();
      case "d":
      case "c":
      case "f":
        // What a client still sends after its COPY has failed.
        return;
      case "F":
        this.#add(message.frame);
        return this.#runToEnd();
    }
    throw new ProtocolError(`a message of type ${JSON.stringify(message.type)}`);
  }

  async #query(text: string): Promise<void> {
    const { sql, closeFirst } = this.session.rewrite(text);
    const statements = MAY_MATTER.test(sql) ? readStatements(sql) : [];
    this.session.note(statements);
    const copies = statements.map(readCopyFromClient);
    const copy = copies.find((one) => one !== undefined);
    if (copy !== undefined) {
      if (copies.length === 1) return this.#beginCopy(copy, false);
      return this.#fail(
        "0A000",
        "COPY FROM STDIN must be sent alone here, not together with other statements",
      );
    }
    if (closeFirst.length > 0) await this.#runQuietly(closeFirst);
    this.#add(frameOf("Q", sql));
    await this.#runToEnd();
  }

  async #parse({ body, frame }: Message): Promise<void> {
    const name = textAt(body, 0);
    const query = textAt(body, name.end);
    const { sql, closeFirst } = this.session.rewrite(query.text);
    const statements = MAY_MATTER.test(sql) ? readStatements(sql) : [];
    this.session.note(statements);
    const [first] = statements;
    const copy = first === undefined ? undefined : readCopyFromClient(first);
    this.#copyStatements.delete(name.text);
    if (copy !== undefined) {
      this.#copyStatements.set(name.text, copy);
      return this.#answer(frameOf("1"));
    }
    if (closeFirst.length > 0) {
      await this.#run();
      await this.#runQuietly(closeFirst);
    }
    this.session.prepared(name.text);
    const isSame = name.text === "" && sql === query.text;
    this.#add(isSame ? frame : frameOf("P", this.session.nameOf(name.text), sql, body.subarray(query.end)));
    await this.#runIfLarge();
  }

  async #bind({ body, frame }: Message): Promise<void> {
    const portal = textAt(body, 0);
    const statement = textAt(body, portal.end);
    this.#copyPortals.delete(portal.text);
    const copy = this.#copyStatements.get(statement.text);
    if (copy !== undefined) {
      this.#copyPortals.set(portal.text, copy);
      return this.#answer(frameOf("2"));
    }
    this.#add(
      statement.text === ""
        ? frame
        : frameOf("B", portal.text, this.session.nameOf(statement.text), body.subarray(statement.end)),
    );
    await this.#runIfLarge();
  }

  async #describeOrClose({ type, body, frame }: Message): Promise<void> {
    const isStatement = body[0] === "S".charCodeAt(0);
    const { text: name } = textAt(body, 1);
    const copies = isStatement ? this.#copyStatements : this.#copyPortals;
    if (copies.has(name)) {
      if (type === "C") copies.delete(name);
      // No parameters and no rows.
      const described = isStatement ? [frameOf("t", Buffer.alloc(2)), frameOf("n")] : [frameOf("n")];
      return this.#answer(type === "C" ? frameOf("3") : Buffer.concat(described));
    }
    if (type === "C" && isStatement) this.session.closed(name);
    this.#add(
      isStatement && name !== "" ? frameOf(type, Buffer.from("S"), this.session.nameOf(name)) : frame,
    );
    await this.#runIfLarge();
  }

  async #execute({ body, frame }: Message): Promise<void> {
    const copy = this.#copyPortals.get(textAt(body, 0).text);
    if (copy === undefined) {
      this.#add(frame);
      return this.#runIfLarge();
    }
    await this.#run();
    if (!this.#isSkipping) await this.#beginCopy(copy, true);
  }

  async #sync(): Promise<void> {
    const { database } = this.#input;
    if (this.#batch.length === 0 && !database.isHeldBy(this.session)) {
      this.#isSkipping = false;
      return this.#send(readyFrame("I"));
    }
    this.#add(frameOf("S"));
    await this.#runToEnd();
  }

  async #beginCopy(text: CopyText, isExtended: boolean): Promise<void> {
    try {
      this.#copy = await CopyIn.begin(this.#input.database, text, isExtended);
      this.#send(this.#copy.invitation);
    } catch (error) {
      await this.#fail("58030", `the data of COPY can't be taken in: ${messageOf(error)}`, isExtended);
    }
  }

  async #handleCopy(copy: CopyIn, { type, body }: Message): Promise<void> {
    if (type === "d") return copy.write(body);
    // Sent by clients that have not noticed that it is a COPY.
    if (type === "H" || type === "S") return;
    this.#copy = undefined;
    try {
      await copy.end();
      if (type === "f") {
        return await this.#fail("57014", `COPY from stdin failed: ${textAt(body, 0).text}`, copy.isExtended);
      }
      if (type !== "c")
        return await this.#fail("08P01", "unexpected message type during COPY from stdin", copy.isExtended);
      if (copy.failure !== undefined) {
        const code = systemCode(copy.failure) === "ENOSPC" ? "53100" : "58030";
        return await this.#fail(
          code,
          `could not write the data of COPY: ${messageOf(copy.failure)}`,
          copy.isExtended,
        );
      }
      this.#add(frameOf("Q", copy.sql));
      await this.#runToEnd({ isWithinBatch: copy.isExtended });
    } finally {
      await copy.discard();
    }
  }

  /** An error of ours that does to the transaction what one of the database does. */
  async #fail(code: string, message: string, isExtended = false): Promise<void> {
    const text = message.replaceAll("'", "''");
    this.#add(
      frameOf(
        "Q",
        `DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''${code}'', MESSAGE = ''${text.replaceAll("'", "''")}''; END'`,
      ),
    );
    await this.#runToEnd({ isWithinBatch: isExtended });
  }

  #add(frame: Buffer): void {
    this.#batch.push(frame);
    this.#batchBytes += frame.length;
  }

  /** An answer of our own, in its place among the database's. */
  async #answer(frame: Buffer): Promise<void> {
    await this.#run();
    if (!this.#isSkipping) this.#send(frame);
  }

  async #runIfLarge(): Promise<void> {
    if (this.#batchBytes > MAX_BATCH_BYTES) await this.#run();
  }

  /** Runs what has come so far; the turn goes on. */
  async #run(onAnswer: (piece: Buffer) => void = (piece) => this.#send(piece)): Promise<void> {
    if (this.#batch.length === 0) return;
    const { database, turnTimeoutMs, socket } = this.#input;
    const messages = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
    try {
      await database.acquire(this.session, turnTimeoutMs);
    } catch (error) {
      if (!(error instanceof TurnTimeout)) throw error;
      this.#send(errorFrame("55P03", WAITED));
      this.#isSkipping = true;
      return;
    }
    const { hasFailed } = await database.run(messages, onAnswer);
    if (hasFailed) this.#isSkipping = true;
    if (socket.writableNeedDrain && !socket.destroyed) {
      await Promise.race([once(socket, "drain"), once(socket, "close")]);
    }
  }

  /** Runs what has come, up to a Sync or a Query, and ends the turn where no transaction is open. */
  async #runToEnd(options: { readonly isWithinBatch: boolean } = { isWithinBatch: false }): Promise<void> {
    const { database } = this.#input;
    if (options.isWithinBatch) {
      // It went as a Query, whose ReadyForQuery the client does not expect before its Sync.
      const answers: Buffer[] = [];
      await this.#run((piece) => void answers.push(piece));
      const all = Buffer.concat(answers);
      this.#send(all.subarray(0, Math.max(0, all.length - readyFrame("I").length)));
      return;
    }
    await this.#run();
    if (this.#isSkipping && !database.isHeldBy(this.session)) this.#send(readyFrame("I"));
    this.#isSkipping = false;
    if (database.isHeldBy(this.session) && database.status === "I") database.release(this.session);
  }

  /** Messages of our own, between the client's. */
  async #runQuietly(messages: Buffer): Promise<void> {
    this.#add(messages);
    await this.#run(() => {});
    this.#isSkipping = false;
  }

  #send(frame: Buffer): void {
    if (this.#input.socket.writable) this.#input.socket.write(frame);
  }
}

/** A statement that names none of these needs no reading. */
const MAY_MATTER = /copy|set|discard|temp/i;
const MAX_BATCH_BYTES = 1_000_000;
const WAITED =
  "another connection has had a transaction open for too long: the embedded PostgreSQL has one session, and connections take turns";

/** The client ended the connection: its own right. */
function isGoneAway(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ECONNABORTED"].includes(
    systemCode(error) ?? "",
  );
}
