import type { Socket } from "node:net";
import { messageOf, systemCode } from "../../../core/errors.ts";
import { admit } from "./admit.ts";
import { Batch } from "./batch.ts";
import { CopyIn, type CopyText } from "./copy-in.ts";
import { type Database, DatabaseLost } from "./database.ts";
import { errorFrame, frameOf, type Message, MessageReader, ProtocolError, textAt } from "./messages.ts";
import { Session } from "./session.ts";
import type { Admission } from "./startup.ts";
import { readCopyFromClient, readStatements, type Statement } from "./statements.ts";

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
  readonly #reader = new MessageReader({ isFirst: true });
  readonly #batch: Batch;
  #copy: CopyIn | undefined;
  readonly #copyStatements = new Map<string, CopyText>();
  readonly #copyPortals = new Map<string, CopyText>();

  constructor(input: ConnectionInput) {
    this.#input = input;
    this.session = new Session(input.id);
    const { socket, database, turnTimeoutMs } = input;
    this.#batch = new Batch({ socket, database, session: this.session, turnTimeoutMs });
  }

  /** Serves the client until it leaves; throws {@link DatabaseLost} when the database ended under it. */
  async serve(): Promise<void> {
    const { socket } = this.#input;
    const messages = this.#messages();
    try {
      const send = (frame: Buffer) => this.#batch.send(frame);
      if (!(await admit({ ...this.#input, messages, reader: this.#reader, session: this.session, send })))
        return;
      for await (const message of messages) {
        if (message.type === "X") break;
        await this.#handle(message);
      }
    } catch (error) {
      if (error instanceof ProtocolError)
        this.#batch.send(errorFrame("08P01", `not the protocol: ${error.message}`, "FATAL"));
      else if (error instanceof DatabaseLost) {
        this.#batch.send(
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
    // What is still to be sent must go out when the reading ends.
    for await (const piece of this.#input.socket.iterator({ destroyOnReturn: false })) {
      this.#reader.push(piece);
      for (;;) {
        const message = this.#reader.next();
        if (message === undefined) break;
        yield message;
      }
    }
  }

  async #handle(message: Message): Promise<void> {
    if (this.#copy !== undefined) return this.#handleCopy(this.#copy, message);
    if (this.#batch.isSkipping && message.type !== "S") return;
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
        this.#batch.add(message.frame);
        return this.#batch.run();
      case "S":
        return this.#batch.sync();
      case "d":
      case "c":
      case "f":
        // What a client still sends after its COPY has failed.
        return;
      case "F":
        this.#batch.add(message.frame);
        return this.#batch.runToEnd();
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
      return this.#batch.fail(
        "0A000",
        "COPY FROM STDIN must be sent alone here, not together with other statements",
      );
    }
    if (statements.some(isListen)) return this.#batch.fail("0A000", NO_LISTEN);
    if (closeFirst.length > 0) await this.#batch.runQuietly(closeFirst);
    this.#batch.add(frameOf("Q", sql));
    await this.#batch.runToEnd();
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
      return this.#batch.answer(frameOf("1"));
    }
    if (statements.some(isListen)) {
      await this.#batch.run();
      return this.#batch.isSkipping ? undefined : this.#batch.fail("0A000", NO_LISTEN, true);
    }
    if (closeFirst.length > 0) {
      await this.#batch.run();
      await this.#batch.runQuietly(closeFirst);
    }
    this.session.prepared(name.text);
    const isSame = name.text === "" && sql === query.text;
    this.#batch.add(
      isSame ? frame : frameOf("P", this.session.nameOf(name.text), sql, body.subarray(query.end)),
    );
    await this.#batch.runIfLarge();
  }

  async #bind({ body, frame }: Message): Promise<void> {
    const portal = textAt(body, 0);
    const statement = textAt(body, portal.end);
    this.#copyPortals.delete(portal.text);
    const copy = this.#copyStatements.get(statement.text);
    if (copy !== undefined) {
      this.#copyPortals.set(portal.text, copy);
      return this.#batch.answer(frameOf("2"));
    }
    this.#batch.add(
      statement.text === ""
        ? frame
        : frameOf("B", portal.text, this.session.nameOf(statement.text), body.subarray(statement.end)),
    );
    await this.#batch.runIfLarge();
  }

  async #describeOrClose({ type, body, frame }: Message): Promise<void> {
    const isStatement = body[0] === "S".charCodeAt(0);
    const { text: name } = textAt(body, 1);
    const copies = isStatement ? this.#copyStatements : this.#copyPortals;
    if (copies.has(name)) {
      if (type === "C") copies.delete(name);
      // No parameters and no rows.
      const described = isStatement ? [frameOf("t", Buffer.alloc(2)), frameOf("n")] : [frameOf("n")];
      return this.#batch.answer(type === "C" ? frameOf("3") : Buffer.concat(described));
    }
    if (type === "C" && isStatement) this.session.closed(name);
    this.#batch.add(
      isStatement && name !== "" ? frameOf(type, Buffer.from("S"), this.session.nameOf(name)) : frame,
    );
    await this.#batch.runIfLarge();
  }

  async #execute({ body, frame }: Message): Promise<void> {
    const copy = this.#copyPortals.get(textAt(body, 0).text);
    if (copy === undefined) {
      this.#batch.add(frame);
      return this.#batch.runIfLarge();
    }
    await this.#batch.run();
    if (!this.#batch.isSkipping) await this.#beginCopy(copy, true);
  }

  async #beginCopy(text: CopyText, isExtended: boolean): Promise<void> {
    try {
      this.#copy = await CopyIn.begin(this.#input.database, text, isExtended);
      this.#batch.send(this.#copy.invitation);
    } catch (error) {
      await this.#batch.fail("58030", `the data of COPY can't be taken in: ${messageOf(error)}`, isExtended);
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
        return await this.#batch.fail(
          "57014",
          `COPY from stdin failed: ${textAt(body, 0).text}`,
          copy.isExtended,
        );
      }
      if (type !== "c")
        return await this.#batch.fail(
          "08P01",
          "unexpected message type during COPY from stdin",
          copy.isExtended,
        );
      if (copy.failure !== undefined) {
        const code = systemCode(copy.failure) === "ENOSPC" ? "53100" : "58030";
        return await this.#batch.fail(
          code,
          `could not write the data of COPY: ${messageOf(copy.failure)}`,
          copy.isExtended,
        );
      }
      this.#batch.add(frameOf("Q", copy.sql));
      await this.#batch.runToEnd({ isWithinBatch: copy.isExtended });
    } finally {
      await copy.discard();
    }
  }
}

/** A statement that names none of these needs no reading. */
const MAY_MATTER = /copy|set|discard|temp|listen/i;

/** In the one session a notification would go to whoever runs a statement next. */
const NO_LISTEN = "LISTEN is not served here: the embedded PostgreSQL has one session for all connections";

function isListen({ words }: Statement): boolean {
  return words[0]?.text === "listen";
}

/** The client ended the connection: its own right. */
function isGoneAway(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ECONNABORTED"].includes(
    systemCode(error) ?? "",
  );
}
