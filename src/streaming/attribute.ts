import type { DataType, Field } from "../core/table.ts";
import { StreamingRefusal } from "./refusal.ts";

/** A window [start, end) as one column: two timestamp columns `<name>.start` and `<name>.end` in a table. */
export interface WindowType {
  readonly kind: "window";
}

/** A column of a plan's node. */
export interface Attribute {
  readonly name: string;
  readonly type: DataType | WindowType;
  /** Set on the event-time column of a watermarked stream: its delay in milliseconds. Spark's `delayKey`. */
  readonly delayMs?: number | undefined;
  /** A session's window: it has no update mode. */
  readonly isSession?: true | undefined;
}

export const TIMESTAMP: DataType = { kind: "timestamp" };
export const STRING: DataType = { kind: "string" };
export const INT64: DataType = { kind: "int64" };
export const FLOAT64: DataType = { kind: "float64" };
export const BOOLEAN: DataType = { kind: "boolean" };

/** The columns that a table of these attributes has. */
export function fieldsOfAttributes(attributes: readonly Attribute[]): Field[] {
  return attributes.flatMap((attribute) =>
    attribute.type.kind === "window"
      ? [
          { name: `${attribute.name}.start`, type: TIMESTAMP, nullable: true },
          { name: `${attribute.name}.end`, type: TIMESTAMP, nullable: true },
        ]
      : [{ name: attribute.name, type: attribute.type, nullable: true }],
  );
}

/** The attribute of a name (exact, else ignoring case, as in SQL). Refused in Spark's way when there is none. */
export function attributeNamed(
  attributes: readonly Attribute[],
  name: string,
  condition = "UNRESOLVED_COLUMN.WITH_SUGGESTION",
): Attribute {
  const found = findAttribute(attributes, name);
  if (found !== undefined) return found;
  const there = attributes.map((attribute) => attribute.name).join(", ");
  throw new StreamingRefusal({
    stage: "build",
    condition,
    rule: 11,
    code: "unknown-column",
    what: {
      es: `No hay ninguna columna «${name}»; hay: ${there}.`,
      en: `There is no column "${name}"; there are: ${there}.`,
    },
    where: name,
  });
}

/** As {@link attributeNamed}, without the refusal; `window.start` finds a part of a window. */
export function findAttribute(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const folded = name.toLowerCase();
  const whole =
    attributes.find((attribute) => attribute.name === name) ??
    attributes.find((attribute) => attribute.name.toLowerCase() === folded);
  if (whole !== undefined) return whole;
  const part = /^(.*)\.(start|end)$/i.exec(name);
  if (part === null) return undefined;
  const window = attributes.find(
    (attribute) =>
      attribute.type.kind === "window" && attribute.name.toLowerCase() === part[1]?.toLowerCase(),
  );
  return window === undefined
    ? undefined
    : { name: `${window.name}.${part[2]?.toLowerCase()}`, type: TIMESTAMP };
}

/** The event-time columns, in order. */
export function eventTimesOf(attributes: readonly Attribute[]): Attribute[] {
  return attributes.filter((attribute) => attribute.delayMs !== undefined);
}
