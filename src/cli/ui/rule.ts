import stringWidth from "string-width";
import type { Look } from "./terminal.ts";

/** A title with something at the line's right end, and a rule below; plain mode has no rule. */
export function titleLines(input: {
  readonly left: string;
  readonly right: string;
  readonly look: Look;
}): string[] {
  const { left, right, look } = input;
  const room = look.columns - 1 - stringWidth(left) - stringWidth(right) - 1;
  const title =
    look.isPlain || room < 1 ? [` ${left}`, ` ${right}`] : [` ${left}${" ".repeat(room)}${right}`];
  const lines = look.isPlain ? [title.map((line) => line.trim()).join(" · ")] : title;
  return look.isPlain ? lines : [...lines, rule(look)];
}

/** A line across the terminal. */
export function rule(look: Look): string {
  return look.colors.dim((look.isUnicode ? "─" : "-").repeat(look.columns));
}
