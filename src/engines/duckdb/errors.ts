import { diskError } from "../../core/atomic-file.ts";
import { CancelledError, messageOf, UserError } from "../../core/errors.ts";
import { SqlError } from "../engine.ts";

/**
 * Anything that DuckDB threw, as what the engine promises: a CancelledError after an abort, a UserError for
 * a full disk, an SqlError for the rest. `sql` is the text that the caller gave: positions are in it, and
 * `linesBefore` lines that we put above it do not count.
 */
export function engineError(
  error: unknown,
  source: { readonly sql: string; readonly linesBefore?: number | undefined },
  signal?: AbortSignal | undefined,
): unknown {
  if (error instanceof UserError || error instanceof SqlError || error instanceof CancelledError)
    return error;
  if (signal?.aborted) return new CancelledError({ cause: error });
  const message = messageOf(error);
  const split = /^(?:Failed to extract statements: )?([A-Za-z][A-Za-z ]{1,40}?) Error: ([\s\S]*)$/.exec(
    message,
  );
  if (split === null) return error;
  const code = split[1] ?? "";
  if (/No space left on device|There is not enough space on the disk/i.test(message)) {
    return diskError(
      Object.assign(new Error(message, { cause: error }), { code: "ENOSPC" }),
      pathIn(message),
    );
  }
  const { text, line, column } = locate(split[2] ?? "", source.sql, source.linesBefore ?? 0);
  return new SqlError({ message: text, code, line, column, cause: error });
}

/** The path that DuckDB names; of a table that is being written beside, the table's own. */
function pathIn(message: string): string {
  const path = /"([^"]+)"/.exec(message)?.[1] ?? "";
  return path.replace(/([/\\])\.([^/\\]+)\.tmp-\d+-[0-9a-f]{8}-[0-9a-f]{8}.*$/, "$1$2");
}

interface Located {
  readonly text: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/**
 * Takes the position out of DuckDB's `LINE 3: …` and its caret. A long line is cut on both sides ("..."):
 * the excerpt is then looked for in the line itself.
 */
function locate(message: string, sql: string, linesBefore: number): Located {
  const match = /\n*^LINE (\d+): (.*)\n( *)\^[^\S\n]*$/m.exec(message);
  if (match === null) return { text: message.trim(), line: undefined, column: undefined };
  const line = Number(match[1]) - linesBefore;
  const shown = match[2] ?? "";
  const caret = (match[3] ?? "").length - `LINE ${match[1]}: `.length;
  const text = (message.slice(0, match.index) + message.slice(match.index + match[0].length)).trim();
  const source = sql.split("\n")[line - 1];
  if (source === undefined) return { text, line: undefined, column: undefined };
  if (caret < 0) return { text, line, column: undefined };
  const cutLeft = shown.startsWith("...") && !source.startsWith("...");
  const excerpt = (cutLeft ? shown.slice(3) : shown).replace(/\.\.\.$/, "");
  const start = cutLeft ? source.indexOf(excerpt) : 0;
  return { text, line, column: start < 0 ? undefined : start + caret - (cutLeft ? 3 : 0) + 1 };
}
