import { UserError } from "../../core/errors.ts";
import type { CommandInput } from "../command-table.ts";

/** An option's text; undefined when it is not given. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === "string" ? value : undefined;
}

/** The texts of an option that may be given several times or with several values. */
export function listOption(input: CommandInput, name: string): readonly string[] {
  const value = input.options[name];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value : [];
}

/** A whole number; `1_000` and `1e6` are understood. Throws a usage error that names the flag. */
export function integerOption(input: CommandInput, name: string, range: { min: number }): number | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll("_", ""));
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= range.min) return value;
  throw new UserError({
    fault: "usage",
    code: "not-a-number",
    what: {
      es: `--${name} pide un número entero desde ${range.min}, y dice «${text}».`,
      en: `--${name} takes a whole number from ${range.min}; it says "${text}".`,
    },
    next: [{ es: `por ejemplo:  --${name} 1000`, en: `for example:  --${name} 1000` }],
  });
}
