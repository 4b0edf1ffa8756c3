import type { UserError } from "../../core/errors.ts";
import { errorTexts } from "../texts/errors.ts";
import { manyLines, oneLine } from "./safe-text.ts";
import type { Look } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/**
 * An error that the user can act on: what, where, and what to type next, a line each. No stack. Ends without
 * a line end.
 */
export function renderError(error: UserError, look: Look): string {
  const columns = Math.max(20, look.columns - 1);
  const word = look.isPlain ? `${errorTexts.error[look.lang]}: ` : "";
  const lines = wrap(word + manyLines(error.what[look.lang]), columns);
  if (error.where !== undefined) lines.push(...wrap(look.colors.dim(oneLine(error.where)), columns));
  // A command is never broken: it is copied from here.
  const next = error.next.map((step) => `  ${oneLine(step[look.lang])}`);
  return [...lines, ...next].map((line) => ` ${line}`).join("\n");
}
