import { Chalk } from "chalk";
import type { Look } from "../../src/cli/ui/terminal.ts";

/** A look for tests: 80 columns, Unicode, no colour, Spanish, unless said otherwise. */
export function lookOf(change: Partial<Look> & { readonly level?: 0 | 1 | 2 | 3 } = {}): Look {
  const { level = 0, ...rest } = change;
  return {
    lang: "es",
    columns: 80,
    isUnicode: true,
    isPlain: false,
    colors: new Chalk({ level }),
    ...rest,
  };
}

/** The width of the widest line, in characters (for texts without wide ones). */
export function widestLine(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

/** No-break spaces as spaces, so that an expectation can be typed. */
export function typed(text: string): string {
  return text.replaceAll("\u00a0", " ");
}
