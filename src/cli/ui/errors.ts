import { messageOf, type UserError } from "../../core/errors.ts";
import type { Lang } from "../../core/text.ts";
import { errorTexts } from "../texts/errors.ts";
import { manyLines, oneLine } from "./safe-text.ts";
import type { Look } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/**
 * An error that the user can act on: what, where, and what to type next, a line each. No stack. Ends without
 * a line end.
 */
export function renderUserError(error: UserError, look: Look): string {
  const columns = Math.max(20, look.columns - 1);
  const word = look.isPlain ? `${errorTexts.error[look.lang]}: ` : "";
  const lines = wrap(word + manyLines(error.what[look.lang]), columns);
  if (error.where !== undefined) lines.push(...wrap(look.colors.dim(oneLine(error.where)), columns));
  // A command is never broken: it is copied from here.
  const next = error.next.map((step) => `  ${oneLine(step[look.lang])}`);
  return [...lines, ...next].map((line) => ` ${line}`).join("\n");
}

/** Our own bug: the message, and what to send us. The stack only when asked for (`--debug`). */
export function renderBug(
  error: unknown,
  options: {
    readonly look: Look;
    readonly command: string;
    readonly version: string;
    readonly debug: boolean;
  },
): string {
  const { look } = options;
  const lines = [
    `${errorTexts.bug[look.lang]} ${manyLines(messageOf(error))}`,
    errorTexts.report[look.lang],
    `  taller ${options.version} · node ${process.versions.node} · ${process.platform}-${process.arch}`,
    `  ${options.command}`,
  ];
  if (options.debug) lines.push(...stackOf(error, look.lang));
  else lines.push(`  ${errorTexts.debug[look.lang]}`);
  return lines
    .flatMap((line) => wrap(line, Math.max(20, look.columns - 1)).map((part) => ` ${part}`))
    .join("\n");
}

/** The stack with those of its causes. */
function stackOf(error: unknown, lang: Lang): string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (depth > 0) lines.push(errorTexts.cause[lang]);
    lines.push(...manyLines(current.stack ?? current.message).split("\n"));
    current = current.cause;
  }
  return lines;
}
