import { UserError } from "../core/errors.ts";
import type { Text } from "../core/text.ts";

/** A fault in the data or the settings of a model, under a stable English code. */
export function mlError(code: string, what: Text, next: readonly Text[] = []): UserError {
  return new UserError({ fault: "data", code, what, next });
}

/** Throws a RangeError unless the setting is a number in [min, max] (an integer where asked). */
export function checkSetting(
  name: string,
  value: number,
  range: { readonly min: number; readonly max?: number; readonly integer?: boolean },
): void {
  const max = range.max ?? Number.MAX_VALUE;
  const isFit = value >= range.min && value <= max && (range.integer !== true || Number.isInteger(value));
  if (isFit) return;
  const kind = range.integer === true ? "an integer" : "a number";
  const upper = range.max === undefined ? "" : ` and at most ${range.max}`;
  throw new RangeError(`${name} is ${value}; it must be ${kind}, at least ${range.min}${upper}`);
}
