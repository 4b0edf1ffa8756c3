import { messageOf, systemCode } from "../../../core/errors.ts";
import { WAITED } from "./batch.ts";
import type { Database } from "./database.ts";
import { errorFrame, type Message, type MessageReader } from "./messages.ts";
import type { Session } from "./session.ts";
import {
  type Admission,
  askPassword,
  isPassword,
  readFirst,
  refusalOf,
  settingsOf,
  welcome,
} from "./startup.ts";

export interface AdmitInput {
  readonly messages: AsyncGenerator<Message>;
  /** Told when the messages begin to have letters. */
  readonly reader: MessageReader;
  readonly send: (frame: Buffer) => void;
  readonly admission: Admission;
  readonly database: Database;
  readonly session: Session;
  readonly turnTimeoutMs: number;
}

/** The beginning of a connection, up to its first ReadyForQuery; false when it ends there. */
export async function admit(input: AdmitInput): Promise<boolean> {
  const { messages, reader, send, admission, database, session } = input;
  for (;;) {
    const { value: message, done } = await messages.next();
    if (done === true) return false;
    const first = readFirst(message);
    if (first.kind === "encryption") {
      send(Buffer.from("N"));
      continue;
    }
    // A statement that runs can't be ended from outside; the client is told nothing, as PostgreSQL does.
    if (first.kind === "cancel") return false;
    if (first.kind === "unknown") {
      send(errorFrame("0A000", `unsupported frontend protocol ${first.major}`, "FATAL"));
      return false;
    }
    reader.isFirst = false;
    const refusal = refusalOf(first.parameters, admission);
    if (refusal !== undefined) {
      send(refusal);
      return false;
    }
    send(askPassword);
    const { value: answer, done: isGone } = await messages.next();
    if (isGone === true) return false;
    if (!isPassword(answer, admission)) {
      send(errorFrame("28P01", `password authentication failed for user "${admission.user}"`, "FATAL"));
      return false;
    }
    const settings = settingsOf(first.parameters, database.defaults);
    if (settings.length > 0 && !(await begin(input, settings))) return false;
    send(
      welcome({
        minor: first.minor,
        id: session.id,
        parameters: first.parameters,
        settings,
        database,
        admission,
      }),
    );
    return true;
  }
}

/** Makes the settings that the client begins with; false, with the database's words, when one is refused. */
async function begin(input: AdmitInput, settings: readonly (readonly [string, string])[]): Promise<boolean> {
  const { database, session, send, turnTimeoutMs } = input;
  session.settings = settings;
  try {
    await database.acquire(session, turnTimeoutMs);
    database.release(session);
    return true;
  } catch (error) {
    session.settings = undefined;
    send(errorFrame(systemCode(error) ?? "55P03", messageOf(error) || WAITED, "FATAL"));
    return false;
  }
}
