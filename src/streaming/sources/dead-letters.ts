import type { Table } from "../../core/table.ts";
import { fromDoubles } from "../micros.ts";
import { DEAD_LETTER_FIELDS } from "./source.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Gathers messages that are no rows, as a table of {@link DEAD_LETTER_FIELDS}. They are few: an object each is fine. */
export class DeadLetters {
  private readonly letters: {
    readonly source: string;
    readonly partition: number | undefined;
    readonly offset: number;
    readonly reason: string;
    readonly bytes: Uint8Array | undefined;
  }[] = [];

  /** `bytes`: undefined for a message without a value (a tombstone). They are copied. */
  add(letter: {
    readonly source: string;
    readonly partition?: number | undefined;
    readonly offset: number;
    readonly reason: string;
    readonly bytes: Uint8Array | undefined;
  }): void {
    const { bytes } = letter;
    this.letters.push({
      ...letter,
      partition: letter.partition,
      bytes: bytes === undefined ? undefined : Uint8Array.from(bytes),
    });
  }

  /** Undefined when there are none. */
  table(): Table | undefined {
    const { letters } = this;
    if (letters.length === 0) return undefined;
    const present = Uint8Array.from(letters, ({ bytes }) => (bytes === undefined ? 0 : 1));
    const bytesOf = (letter: (typeof letters)[number]): Buffer =>
      Buffer.from(letter.bytes ?? new Uint8Array(0));
    const texts = letters.map((letter) => textOf(letter.bytes));
    return {
      fields: DEAD_LETTER_FIELDS,
      columns: [
        { kind: "string", values: letters.map((letter) => letter.source) },
        {
          kind: "int32",
          values: Int32Array.from(letters, ({ partition }) => partition ?? 0),
          validity: Uint8Array.from(letters, ({ partition }) => (partition === undefined ? 0 : 1)),
        },
        { kind: "int64", values: fromDoubles(Float64Array.from(letters, ({ offset }) => offset)) },
        { kind: "string", values: letters.map((letter) => letter.reason) },
        {
          kind: "string",
          values: texts.map((text) => text ?? ""),
          validity: Uint8Array.from(texts, (text) => (text === undefined ? 0 : 1)),
        },
        {
          kind: "string",
          values: letters.map((letter) => bytesOf(letter).toString("base64")),
          validity: present,
        },
      ],
      rowCount: letters.length,
    };
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    // Not swallowed: the bytes are there in base64.
    return undefined;
  }
}
