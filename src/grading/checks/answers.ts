import type { Cell } from "../../core/table.ts";
import { asCell, valueNear } from "./value.ts";

/** How a given answer stands to the expected one. */
export type AnswerState = "right" | "wrong" | "missing" | "form";

/**
 * Judges one field of an answers file. Where a number is expected, either locale's form is read: `1,234.5`,
 * `1.234,5`, `1 234,5`, `1234.5`, with a unit or a per cent sign after it ignored. `form`: it can't be read as one.
 *
 * One separator with three digits after it (`1.234`) is both 1234 and 1.234: either is accepted.
 * Texts ignore case, accents' form and outer blanks; booleans take sí/no/yes/no/true/false.
 */
export function judgeAnswer(given: unknown, expected: Cell, tolerance?: number): AnswerState {
  if (given === null || given === undefined || (typeof given === "string" && given.trim() === "")) {
    return "missing";
  }
  if (typeof expected === "number" || typeof expected === "bigint") {
    const readings = numberReadings(given);
    if (readings.length === 0) return "form";
    return readings.some((value) => valueNear(value, expected, tolerance)) ? "right" : "wrong";
  }
  if (typeof expected === "boolean") {
    const value = booleanReading(given);
    if (value === undefined) return "form";
    return value === expected ? "right" : "wrong";
  }
  if (typeof given === "object" && !(given instanceof Date)) return "form";
  return foldText(given) === foldText(expected) ? "right" : "wrong";
}

/** The numbers that a text may mean; empty when it is none. */
export function numberReadings(given: unknown): number[] {
  if (typeof given === "number") return [given];
  if (typeof given === "bigint") return [Number(given)];
  if (typeof given !== "string") return [];
  const match = /^([+\-−]?)\s*([\d.,'’_\s\u00a0\u202f]*\d)\s*(?:%|[\p{L}€$/]+)?$/u.exec(given.trim());
  const digits = match?.[2];
  if (digits === undefined) return [];
  const sign = match?.[1] === "-" || match?.[1] === "−" ? -1 : 1;
  const plain = digits.replace(/['’_\s\u00a0\u202f]/g, "");
  return [...new Set([readAs(plain, ".", ","), readAs(plain, ",", ".")])]
    .filter((value) => value !== undefined)
    .map((value) => sign * value);
}

/** Reads with one sign for decimals and the other for thousands; undefined when the groups are not of three. */
function readAs(text: string, decimal: "." | ",", group: "." | ","): number | undefined {
  const [whole = "", fraction, ...more] = text.split(decimal);
  if (more.length > 0 || fraction?.includes(group) === true) return undefined;
  const groups = whole.split(group);
  const isGrouped =
    groups.length === 1 ||
    (/^\d{1,3}$/.test(groups[0] ?? "") && groups.slice(1).every((three) => /^\d{3}$/.test(three)));
  if (!isGrouped) return undefined;
  const value = Number(`${groups.join("") || "0"}.${fraction ?? "0"}`);
  return Number.isNaN(value) ? undefined : value;
}

function booleanReading(given: unknown): boolean | undefined {
  if (typeof given === "boolean") return given;
  const text = foldText(given);
  if (["true", "si", "sí", "yes", "verdadero"].includes(text)) return true;
  if (["false", "no", "falso"].includes(text)) return false;
  return undefined;
}

function foldText(value: unknown): string {
  const text = value instanceof Date ? value.toISOString().slice(0, 10) : String(asCell(value));
  return text.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
}
