import { ProtocolError, type Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** The version of a message, and whether that version has compact lengths and tagged fields (KIP-482). */
export interface Version {
  readonly version: number;
  readonly isFlexible: boolean;
}

/**
 * How one kind of value stands on the wire in every version. `In` is what may be written, where that is wider
 * than what is read: a struct may leave out the fields that have a default.
 */
export interface Type<T, In = T> {
  /** What a reader gets in a version that lacks the field, and what is written when it is left out. */
  readonly empty: T;
  read(from: Reader, at: Version): T;
  write(to: Writer, value: In, at: Version): void;
}

/** What a type gives when it is read. */
export type Value<T> = T extends Type<infer Out, infer _In> ? Out : never;
/** What a type takes when it is written. */
export type Input<T> = T extends Type<infer _Out, infer In> ? In : never;

export const int8 = number("int8");
export const int16 = number("int16");
export const uint16 = number("uint16");
export const int32 = number("int32");
export const int64 = number("int64");
export const float64 = number("float64");

export const boolean: Type<boolean> = {
  empty: false,
  read: (from) => from.boolean(),
  write: (to, value) => to.boolean(value),
};

/** 32 hexadecimal digits. */
export const uuid: Type<string> = {
  empty: "0".repeat(32),
  read: (from) => from.uuid(),
  write: (to, value) => to.uuid(value),
};

export const nullableString: Type<string | null> = {
  empty: null,
  read: (from, at) => {
    const length = at.isFlexible ? from.unsignedVarint() - 1 : from.int16();
    return length < 0 ? null : from.utf8(length);
  },
  write: (to, value, at) => {
    const length = value === null ? -1 : Buffer.byteLength(value);
    if (at.isFlexible) to.unsignedVarint(length + 1);
    else to.int16(length);
    if (value !== null) to.utf8(value, length);
  },
};

export const string: Type<string> = { ...notNull(nullableString, "string"), empty: "" };

/** A view of the frame when read. Record batches travel as these. */
export const nullableBytes: Type<Buffer | null, Uint8Array | null> = {
  empty: null,
  read: (from, at) => {
    const length = at.isFlexible ? from.unsignedVarint() - 1 : from.int32();
    return length < 0 ? null : from.take(length);
  },
  write: (to, value, at) => {
    const length = value === null ? -1 : value.length;
    if (at.isFlexible) to.unsignedVarint(length + 1);
    else to.int32(length);
    if (value !== null) to.bytes(value);
  },
};

export const bytes: Type<Buffer, Uint8Array> = { ...notNull(nullableBytes, "bytes"), empty: Buffer.alloc(0) };

export function nullableArray<T, In>(of: Type<T, In>): Type<readonly T[] | null, readonly In[] | null> {
  return {
    empty: null,
    read: (from, at) => {
      const length = at.isFlexible ? from.unsignedVarint() - 1 : from.int32();
      if (length < 0) return null;
      // No element is shorter than a byte: a longer claim is refused before anything is made for it.
      if (length > from.left) throw new ProtocolError(`an array of ${length} in ${from.left} bytes`);
      const items: T[] = [];
      for (let i = 0; i < length; i++) items.push(of.read(from, at));
      return items;
    },
    write: (to, value, at) => {
      const length = value === null ? -1 : value.length;
      if (at.isFlexible) to.unsignedVarint(length + 1);
      else to.int32(length);
      if (value !== null) for (const item of value) of.write(to, item, at);
    },
  };
}

export function array<T, In>(of: Type<T, In>): Type<readonly T[], readonly In[]> {
  return { ...notNull(nullableArray(of), "array"), empty: [] };
}

function number(kind: "int8" | "int16" | "uint16" | "int32" | "int64" | "float64"): Type<number> {
  return {
    empty: 0,
    read: (from) => from[kind](),
    write: (to, value) => to[kind](value),
  };
}

function notNull<T, In>(of: Type<T | null, In | null>, name: string): Pick<Type<T, In>, "read" | "write"> {
  return {
    read: (from, at) => {
      const value = of.read(from, at);
      if (value === null) throw new ProtocolError(`null where a ${name} must be`);
      return value;
    },
    write: (to, value, at) => of.write(to, value, at),
  };
}
