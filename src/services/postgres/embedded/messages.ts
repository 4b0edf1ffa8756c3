/**
 * The frames of PostgreSQL's protocol, version 3 (PostgreSQL documentation, "Message Formats"): a letter, a length that
 * counts itself, a body. The first message of a connection has no letter.
 */
export interface Message {
  /** A letter; "" for the first message. */
  readonly type: string;
  readonly body: Buffer;
  /** All of it, as it came. */
  readonly frame: Buffer;
}

/** Cuts what comes in pieces into messages. */
export class MessageReader {
  /** The next message is one without a letter, as those before a connection is let in are. */
  isFirst: boolean;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(options: { readonly isFirst: boolean }) {
    this.isFirst = options.isFirst;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The next whole message, or undefined; throws ProtocolError for a length that can't be. */
  next(): Message | undefined {
    const headBytes = this.isFirst ? 4 : 5;
    if (this.#length < headBytes) return undefined;
    const head = this.#join(headBytes);
    const length = head.readInt32BE(headBytes - 4);
    if (length < 4 || length > (this.isFirst ? MAX_FIRST_BYTES : MAX_MESSAGE_BYTES)) {
      throw new ProtocolError(`a message of ${length} bytes`);
    }
    const total = length + headBytes - 4;
    if (this.#length < total) return undefined;
    const all = this.#join(total);
    const frame = all.subarray(0, total);
    this.#pieces = all.length > total ? [all.subarray(total)] : [];
    this.#length -= total;
    const type = this.isFirst ? "" : String.fromCharCode(frame[0] ?? 0);
    return { type, frame, body: frame.subarray(headBytes) };
  }

  /** Everything there is as one piece, if the first one is shorter than asked. */
  #join(bytes: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= bytes && this.#pieces.length === 1) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

/** What a client sends that is not the protocol. */
export class ProtocolError extends Error {}

/** A row or a parameter may be large; PostgreSQL's own limit is 1 GB. */
const MAX_MESSAGE_BYTES = 268_435_456;
const MAX_FIRST_BYTES = 10_000;

export function frameOf(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)),
  );
  const head = Buffer.alloc(type === "" ? 4 : 5);
  if (type !== "") head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, head.length - 4);
  return Buffer.concat([head, body]);
}

/** An error as PostgreSQL sends it; codes are those of its appendix A. */
export function errorFrame(code: string, message: string, severity: "ERROR" | "FATAL" = "ERROR"): Buffer {
  return frameOf("E", `S${severity}`, `V${severity}`, `C${code}`, `M${message}`, "");
}

export function readyFrame(status: TransactionStatus): Buffer {
  return frameOf("Z", Buffer.from(status));
}

/** Idle, in a transaction, in a failed one. */
export type TransactionStatus = "I" | "T" | "E";

/** The text that begins at a place, up to its zero byte; throws ProtocolError where there is none. */
export function textAt(body: Buffer, offset: number): { readonly text: string; readonly end: number } {
  const zero = body.indexOf(0, offset);
  if (zero < 0) throw new ProtocolError("a text without its end");
  return { text: body.toString("utf8", offset, zero), end: zero + 1 };
}

/** Follows what the database answers, frame by frame, whatever pieces it comes in. */
export class AnswerScanner {
  /** That of the last ReadyForQuery. */
  status: TransactionStatus | undefined;
  hasFailed = false;
  #head = Buffer.alloc(0);
  #left = 0;

  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, piece.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      // Five bytes say what it is; the sixth, of a ReadyForQuery, says the status.
      const wanted = this.#head[0] === READY ? 6 : 5;
      const step = Math.min(wanted - this.#head.length, piece.length - at);
      this.#head = Buffer.concat([this.#head, piece.subarray(at, at + step)]);
      at += step;
      if (this.#head.length < 5) continue;
      if (this.#head[0] === READY && this.#head.length < 6) continue;
      if (this.#head[0] === READY) this.status = statusOf(this.#head[5]);
      if (this.#head[0] === ERROR) this.hasFailed = true;
      this.#left = this.#head.readInt32BE(1) + 1 - this.#head.length;
      this.#head = Buffer.alloc(0);
    }
  }
}

const READY = "Z".charCodeAt(0);
const ERROR = "E".charCodeAt(0);

function statusOf(byte: number | undefined): TransactionStatus {
  const letter = String.fromCharCode(byte ?? 0);
  return letter === "T" || letter === "E" ? letter : "I";
}
