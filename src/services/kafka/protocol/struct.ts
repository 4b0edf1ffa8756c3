import { ProtocolError, type Reader } from "./reader.ts";
import type { Input, Type, Value, Version } from "./types.ts";
import { Writer } from "./writer.ts";

/** A field that some versions lack, that may be left out when written, or that is tagged (KIP-482). */
export interface Field<T, In> {
  readonly kind: "field";
  readonly type: Type<T, In>;
  readonly from: number;
  readonly to: number;
  readonly tag: number | undefined;
  readonly absent: T;
}

/** A field of these versions only; elsewhere it reads as `absent` (the type's empty value unless given). */
export function between<T, In>(from: number, to: number, type: Type<T, In>, absent?: T): Field<T, In> {
  return {
    kind: "field",
    type,
    from,
    to,
    tag: undefined,
    absent: absent === undefined ? type.empty : absent,
  };
}

/** A field from this version on. */
export function since<T, In>(version: number, type: Type<T, In>, absent?: T): Field<T, In> {
  return between(version, Number.POSITIVE_INFINITY, type, absent);
}

/** A field up to and including this version. */
export function upTo<T, In>(version: number, type: Type<T, In>, absent?: T): Field<T, In> {
  return between(0, version, type, absent);
}

/** A field of every version that is written as `absent` when left out. */
export function optional<T, In>(type: Type<T, In>, absent?: T): Field<T, In> {
  return since(0, type, absent);
}

/** A tagged field of flexible versions: written only when it is given. */
export function tagged<T, In>(tag: number, version: number, type: Type<T, In>, absent?: T): Field<T, In> {
  return { ...since(version, type, absent), tag };
}

type Member = Type<unknown, unknown> | Field<unknown, unknown>;
type Members = Readonly<Record<string, Member>>;
type OutOf<M> = M extends Field<infer T, infer _In> ? T : Value<M>;
type InOf<M> = M extends Field<infer _T, infer In> ? In : Input<M>;
type OptionalKeys<M> = { [K in keyof M]: M[K] extends { kind: "field" } ? K : never }[keyof M];

export type StructOut<M> = { readonly [K in keyof M]: OutOf<M[K]> };
export type StructIn<M> = { readonly [K in Exclude<keyof M, OptionalKeys<M>>]: InOf<M[K]> } & {
  readonly [K in OptionalKeys<M>]?: InOf<M[K]> | undefined;
};

/** Fields in the order in which they stand on the wire. Tagged fields that it does not know are skipped when read. */
export function struct<M extends Members>(members: M): Type<StructOut<M>, StructIn<M>> {
  const fields = Object.entries(members).map(([name, member]) => ({ name, ...fieldOf(member) }));
  const plans = new Map<number, Plan>();
  const planOf = (version: number): Plan => {
    let plan = plans.get(version);
    if (plan === undefined) {
      const active = fields.filter(({ from, to }) => version >= from && version <= to);
      plan = {
        plain: active.filter(({ tag }) => tag === undefined),
        tagged: active.filter(({ tag }) => tag !== undefined),
      };
      plans.set(version, plan);
    }
    return plan;
  };
  const absent = Object.fromEntries(fields.map((field) => [field.name, field.absent]));
  return {
    empty: outOf<M>(absent),
    read: (from, at) => {
      const value = { ...absent };
      const plan = planOf(at.version);
      for (const { name, type } of plan.plain) value[name] = type.read(from, at);
      if (at.isFlexible) readTags(from, at, plan.tagged, value);
      return outOf<M>(value);
    },
    write: (to, value, at) => {
      const given = value as Readonly<Record<string, unknown>>;
      const plan = planOf(at.version);
      for (const field of plan.plain) {
        const item = given[field.name];
        field.type.write(to, item === undefined ? field.absent : item, at);
      }
      if (at.isFlexible) writeTags(to, at, plan.tagged, given);
    },
  };
}

type NamedField = Field<unknown, unknown> & { readonly name: string };
interface Plan {
  readonly plain: readonly NamedField[];
  readonly tagged: readonly NamedField[];
}

function fieldOf(member: Member): Field<unknown, unknown> {
  return "kind" in member ? member : since(0, member);
}

/** The one place where a record of fields becomes the type that its schema says: `read` has just filled it by that schema. */
function outOf<M>(value: Record<string, unknown>): StructOut<M> {
  return value as StructOut<M>;
}

function readTags(
  from: Reader,
  at: Version,
  known: readonly NamedField[],
  into: Record<string, unknown>,
): void {
  const count = from.unsignedVarint();
  if (count > from.left) throw new ProtocolError(`${count} tagged fields in ${from.left} bytes`);
  for (let i = 0; i < count; i++) {
    const tag = from.unsignedVarint();
    const size = from.unsignedVarint();
    const field = known.find((one) => one.tag === tag);
    if (field === undefined) {
      from.take(size);
      continue;
    }
    const end = from.at + size;
    into[field.name] = field.type.read(from, at);
    if (from.at !== end) throw new ProtocolError(`tagged field ${field.name} is not ${size} bytes long`);
  }
}

function writeTags(
  to: Writer,
  at: Version,
  known: readonly NamedField[],
  given: Readonly<Record<string, unknown>>,
): void {
  const present = known.filter(({ name }) => given[name] !== undefined);
  to.unsignedVarint(present.length);
  for (const field of present) {
    const value = new Writer(64);
    field.type.write(value, given[field.name], at);
    to.unsignedVarint(field.tag ?? 0);
    to.unsignedVarint(value.size);
    for (const piece of value.finish()) to.bytes(piece);
  }
}
