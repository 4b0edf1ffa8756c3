import { UserError } from "../core/errors.ts";
import { type Text, verbatim } from "../core/text.ts";

/** An author's mistake in a course's file, with the place to mend. */
export function courseError(input: {
  readonly code: string;
  readonly what: Text | string;
  readonly file: string;
  readonly line?: number | undefined;
  readonly next?: readonly Text[];
  readonly cause?: unknown;
}): UserError {
  return new UserError({
    fault: "data",
    code: input.code,
    what: typeof input.what === "string" ? verbatim(input.what) : input.what,
    where: input.line === undefined ? input.file : `${input.file}:${input.line}`,
    next: input.next,
    cause: input.cause,
  });
}
