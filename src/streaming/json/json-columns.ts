import type { DataType, Table } from "../../core/table.ts";
import { type Builder, builderOf, daysIn } from "./json-builders.ts";

/** A field of a message: its place in the object is its name. */
export interface JsonField {
  readonly name: string;
  readonly type: DataType;
  /** A message without a value here is no row but a dead letter. */
  readonly isRequired?: boolean | undefined;
}

/** Why a message is no row. */
export interface BadMessage {
  /** The message's place among those that were given. */
  readonly message: number;
  /** English, short, with the field: `"amount" is no number`. */
  readonly reason: string;
}

/**
 * Reads JSON objects, one a message, into typed columns without an object a row: a scanner over bytes writes each
 * value where it belongs. A field that is missing or null is null; one that is not of the schema is skipped, whatever
 * it holds; of two of one name the last wins. A value of another type, a required one that is missing, or text that
 * is no JSON object makes the whole message bad: it is reported, and is no row.
 *
 * Times are ISO 8601 text (`2024-01-05T10:00:00.123Z`, UTC without an offset) or numbers of milliseconds since 1970.
 */
export class JsonColumns {
  private readonly fields: readonly JsonField[];
  private readonly builders: Builder[];
  private readonly names: Uint8Array[];
  private readonly rowsOfMessages: Int32Array;
  private readonly bad: BadMessage[] = [];
  private readonly seen: Int32Array;
  private bytes: Uint8Array = new Uint8Array(0);
  /** The same bytes as one text of one-byte characters: an ASCII value is a slice of it, which costs no copy. */
  private text = "";
  private at = 0;
  private end = 0;
  private rows = 0;
  private messages = 0;
  private reason = "";
  /** The field that is tried first: objects of one producer have their fields in one order. */
  private guess = 0;

  /** `capacity`: the number of messages that will be given, at most. */
  constructor(fields: readonly JsonField[], capacity: number) {
    this.fields = fields;
    this.builders = fields.map((field) => builderOf(field.type, capacity));
    this.names = fields.map((field) => new TextEncoder().encode(field.name));
    this.rowsOfMessages = new Int32Array(capacity);
    this.seen = new Int32Array(fields.length).fill(-1);
  }

  /** Reads the message `bytes[from, to)`. */
  add(bytes: Uint8Array, from: number, to: number): void {
    const message = this.messages++;
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    }
    this.at = from;
    this.end = to;
    if (this.readObject(message)) this.rowsOfMessages[this.rows++] = message;
    else this.bad.push({ message, reason: this.reason });
  }

  /** The rows: `messages[row]` is the message that a row came from. */
  finish(): { readonly table: Table; readonly messages: Int32Array; readonly bad: readonly BadMessage[] } {
    return {
      table: {
        fields: this.fields.map(({ name, type }) => ({ name, type, nullable: true })),
        columns: this.builders.map((builder) => builder.column(this.rows)),
        rowCount: this.rows,
      },
      messages: this.rowsOfMessages.subarray(0, this.rows),
      bad: this.bad,
    };
  }

  private readObject(message: number): boolean {
    this.skipSpace();
    if (this.bytes[this.at] !== OPEN_BRACE) return this.fail("no JSON object");
    this.at++;
    this.skipSpace();
    if (this.bytes[this.at] === CLOSE_BRACE && this.at < this.end) this.at++;
    else {
      for (;;) {
        this.skipSpace();
        const field = this.readName();
        if (field === BROKEN) return this.fail("no JSON object");
        this.skipSpace();
        if (this.bytes[this.at] !== COLON || this.at >= this.end) return this.fail("no JSON object");
        this.at++;
        this.skipSpace();
        if (field === UNKNOWN) {
          if (!this.skipValue(0)) return this.fail("no JSON object");
        } else if (!this.readValue(field, message)) return false;
        this.skipSpace();
        const next = this.at < this.end ? this.bytes[this.at++] : 0;
        if (next === CLOSE_BRACE) break;
        if (next !== COMMA) return this.fail("no JSON object");
      }
    }
    this.skipSpace();
    if (this.at < this.end) return this.fail("text after the JSON object");
    for (let i = 0; i < this.builders.length; i++) {
      const builder = this.builders[i];
      if (this.seen[i] !== message) builder?.setNull(this.rows);
      if (this.fields[i]?.isRequired && builder?.isNull(this.rows))
        return this.fail(`"${this.fields[i]?.name}" is missing`);
    }
    return true;
  }

  /** Reads a name; gives the field's number, UNKNOWN or BROKEN. */
  private readName(): number {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE || this.at >= this.end) return BROKEN;
    const start = this.at + 1;
    const guessed = this.names[this.guess];
    if (guessed !== undefined && bytes[start + guessed.length] === QUOTE && matches(bytes, start, guessed)) {
      this.at = start + guessed.length + 1;
      const field = this.guess;
      this.guess = field + 1 === this.names.length ? 0 : field + 1;
      return field;
    }
    const text = this.readText();
    if (text === undefined) return BROKEN;
    const field = this.fields.findIndex((one) => one.name === text);
    if (field < 0) return UNKNOWN;
    this.guess = field + 1 === this.names.length ? 0 : field + 1;
    return field;
  }

  private readValue(field: number, message: number): boolean {
    const builder = this.builders[field];
    const type = this.fields[field]?.type.kind;
    if (builder === undefined) return false;
    this.seen[field] = message;
    const first = this.at < this.end ? this.bytes[this.at] : 0;
    if (first === LOWER_N) {
      if (!this.word("null")) return this.fail("no JSON object");
      builder.setNull(this.rows);
      return true;
    }
    if (first === QUOTE) {
      const start = this.at;
      if (type === "timestamp") {
        const micros = this.readIsoTime();
        if (micros !== undefined) return builder.setNumber(this.rows, micros) || this.wrong(field);
        this.at = start;
      }
      const text = this.readText();
      if (text === undefined) return this.fail("no JSON object");
      return builder.setText(this.rows, text) || this.wrong(field);
    }
    if (first === LOWER_T || first === LOWER_F) {
      const isTrue = first === LOWER_T;
      if (!this.word(isTrue ? "true" : "false")) return this.fail("no JSON object");
      return builder.setBoolean(this.rows, isTrue) || this.wrong(field);
    }
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.wrong(field);
    const start = this.at;
    const number = this.readNumber();
    if (number === undefined) return this.fail("no JSON object");
    if (type === "timestamp") return builder.setNumber(this.rows, number * 1000) || this.wrong(field);
    if ((type === "int64" || type === "decimal") && this.at - start > 15)
      return builder.setText(this.rows, this.text.slice(start, this.at)) || this.wrong(field);
    return builder.setNumber(this.rows, number) || this.wrong(field);
  }

  /** A number as JSON writes it; short whole ones and decimals without a call. */
  private readNumber(): number | undefined {
    const { bytes, end } = this;
    const start = this.at;
    let at = start;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const digitsAt = at;
    let mantissa = 0;
    while (at < end && isDigit(bytes[at])) mantissa = mantissa * 10 + ((bytes[at++] ?? 0) - ZERO);
    const whole = at - digitsAt;
    if (whole === 0 || (whole > 1 && bytes[digitsAt] === ZERO)) return undefined;
    let decimals = 0;
    if (at < end && bytes[at] === DOT) {
      at++;
      const from = at;
      while (at < end && isDigit(bytes[at])) mantissa = mantissa * 10 + ((bytes[at++] ?? 0) - ZERO);
      decimals = at - from;
      if (decimals === 0) return undefined;
    }
    const hasExponent = at < end && (bytes[at] === LOWER_E || bytes[at] === UPPER_E);
    if (hasExponent) {
      at++;
      if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
      const from = at;
      while (at < end && isDigit(bytes[at])) at++;
      if (at === from) return undefined;
    }
    this.at = at;
    // Up to 15 digits and 10²² both sides of the division are exact, so the quotient is rounded once (Clinger 1990).
    if (!hasExponent && whole + decimals <= 15) {
      const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] ?? 1);
      return isNegative ? -value : value;
    }
    return Number(this.text.slice(start, at));
  }

  /** `"2024-01-05T10:00:00.123456Z"` at the quote, as microseconds; undefined for another form. */
  private readIsoTime(): number | undefined {
    const { bytes } = this;
    const at = this.at + 1;
    if (this.end - at < 20) return undefined;
    const year = digits(bytes, at, 4);
    const month = digits(bytes, at + 5, 2);
    const day = digits(bytes, at + 8, 2);
    const hour = digits(bytes, at + 11, 2);
    const minute = digits(bytes, at + 14, 2);
    const second = digits(bytes, at + 17, 2);
    const isShaped =
      bytes[at + 4] === MINUS &&
      bytes[at + 7] === MINUS &&
      (bytes[at + 10] === UPPER_T || bytes[at + 10] === SPACE) &&
      bytes[at + 13] === COLON &&
      bytes[at + 16] === COLON;
    const isInRange =
      month >= 1 &&
      month <= 12 &&
      day >= 1 &&
      day <= daysIn(year, month) &&
      hour < 24 &&
      minute < 60 &&
      second < 60;
    if (!isShaped || !isInRange || year < 0 || hour < 0 || minute < 0 || second < 0) return undefined;
    let next = at + 19;
    let fraction = 0;
    if (bytes[next] === DOT) {
      const from = ++next;
      let scale = 100_000;
      while (next < this.end && isDigit(bytes[next])) {
        fraction += ((bytes[next++] ?? 0) - ZERO) * scale;
        scale = Math.floor(scale / 10);
      }
      if (next === from) return undefined;
    }
    if (bytes[next] === UPPER_Z) next++;
    if (bytes[next] !== QUOTE || next >= this.end) return undefined;
    this.at = next + 1;
    return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60e6 + second * 1e6 + fraction;
  }

  /** A text at its quote; undefined when it does not end or has what JSON forbids. */
  private readText(): string | undefined {
    const { bytes, end } = this;
    const start = this.at + 1;
    let at = start;
    let isAscii = true;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.at = at + 1;
        return isAscii ? this.text.slice(start, at) : utf8(bytes, start, at);
      }
      if (byte === BACKSLASH) return this.readEscapedText(start, at);
      if (byte < SPACE) return undefined;
      if (byte > 127) isAscii = false;
      at++;
    }
    return undefined;
  }

  private readEscapedText(start: number, from: number): string | undefined {
    let at = from;
    while (at < this.end && this.bytes[at] !== QUOTE) at += this.bytes[at] === BACKSLASH ? 2 : 1;
    if (at >= this.end) return undefined;
    this.at = at + 1;
    try {
      const text: unknown = JSON.parse(utf8(this.bytes, start - 1, at + 1) ?? "");
      return typeof text === "string" ? text : undefined;
    } catch {
      // Not swallowed: the caller reports the message as no JSON.
      return undefined;
    }
  }

  private skipValue(depth: number): boolean {
    if (depth > MOST_DEPTH) return false;
    this.skipSpace();
    const first = this.at < this.end ? this.bytes[this.at] : 0;
    switch (first) {
      case QUOTE:
        return this.readText() !== undefined;
      case LOWER_T:
        return this.word("true");
      case LOWER_F:
        return this.word("false");
      case LOWER_N:
        return this.word("null");
      case OPEN_BRACE:
      case OPEN_BRACKET:
        return this.skipMembers(first === OPEN_BRACE, depth);
      default:
        return this.readNumber() !== undefined;
    }
  }

  private skipMembers(isObject: boolean, depth: number): boolean {
    const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
    this.at++;
    this.skipSpace();
    if (this.at < this.end && this.bytes[this.at] === close) {
      this.at++;
      return true;
    }
    for (;;) {
      this.skipSpace();
      if (isObject) {
        if (this.bytes[this.at] !== QUOTE || this.readText() === undefined) return false;
        this.skipSpace();
        if (this.at >= this.end || this.bytes[this.at++] !== COLON) return false;
      }
      if (!this.skipValue(depth + 1)) return false;
      this.skipSpace();
      const next = this.at < this.end ? this.bytes[this.at++] : 0;
      if (next === close) return true;
      if (next !== COMMA) return false;
    }
  }

  private word(text: string): boolean {
    for (let i = 0; i < text.length; i++)
      if (this.at + i >= this.end || this.bytes[this.at + i] !== text.charCodeAt(i)) return false;
    this.at += text.length;
    return true;
  }

  private skipSpace(): void {
    while (this.at < this.end) {
      const byte = this.bytes[this.at];
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.at++;
    }
  }

  private wrong(field: number): false {
    const { name, type } = this.fields[field] ?? { name: "?", type: { kind: "string" } };
    return this.fail(`"${name}" is no ${NOUNS[type.kind]}`);
  }

  private fail(reason: string): false {
    this.reason = reason;
    return false;
  }
}

const UNKNOWN = -1;
const BROKEN = -2;
const MOST_DEPTH = 200;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const UPPER_E = 0x45;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const POWERS = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));
const NOUNS: Readonly<Record<DataType["kind"], string>> = {
  boolean: "boolean",
  int32: "whole number of 32 bits",
  int64: "whole number",
  float64: "number",
  decimal: "decimal number",
  string: "text",
  date: "date",
  timestamp: "time",
};

const decoder = new TextDecoder("utf-8", { fatal: true });

function utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    // Not swallowed: bytes that are no UTF-8 make the message bad.
    return undefined;
  }
}

function matches(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 0x39;
}

/** A number of so many digits; −1 when one is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Days of the proleptic Gregorian calendar (Hinnant, "days_from_civil"). */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}
