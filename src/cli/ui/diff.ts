import { manyLines } from "./safe-text.ts";
import type { Look } from "./terminal.ts";
import { wrapCode } from "./wrap.ts";

/**
 * A unified diff (`-` mine, `+` the solution): the signs stay, colour only helps. Long lines are broken. Ends
 * without a line end.
 */
export function renderDiff(patch: string, look: Look): string {
  return manyLines(patch.trimEnd())
    .split("\n")
    .filter((line) => !/^(Index: |=+$|\\ No newline)/.test(line))
    .flatMap((line) => wrapCode(line, look.columns - 2).map((part) => ` ${paint(line, part, look)}`))
    .join("\n");
}

function paint(line: string, part: string, look: Look): string {
  const { colors } = look;
  if (line.startsWith("---") || line.startsWith("+++")) return colors.bold(part);
  if (line.startsWith("@@")) return colors.cyan(part);
  if (line.startsWith("-")) return colors.red(part);
  if (line.startsWith("+")) return colors.green(part);
  return part;
}
