import type { Expression } from "../expression.ts";

/** The column of a name, as a formula. */
export function column(name: string): Expression {
  return { kind: "column", name };
}

/** `name IS NOT NULL`. */
export function notNull(name: string): Expression {
  return notNullOf(column(name));
}

/** `input IS NOT NULL`. */
export function notNullOf(input: Expression): Expression {
  return { kind: "not", input: { kind: "is-null", input } };
}

/** `window.start` → `window`, lower case. */
export function baseOf(name: string): string {
  return name.toLowerCase().replace(/\.(start|end)$/, "");
}

/** `window.start` → `.start`; "" for a whole column. */
export function partOf(name: string): string {
  return /\.(start|end)$/i.exec(name)?.[0] ?? "";
}
