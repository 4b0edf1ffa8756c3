import { createInterface, type Interface } from "node:readline";
import { CancelledError, messageOf, UserError } from "../../core/errors.ts";
import { formatNumber } from "../../core/numbers.ts";
import type { Field, Table } from "../../core/table.ts";
import { splitStatements } from "../../course/sql-text.ts";
import { SqlError } from "../../engines/engine.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { labelTexts } from "../texts/progress.ts";
import { sqlPromptTexts } from "../texts/sql-prompt.ts";
import { tableTexts } from "../texts/table.ts";
import { renderError } from "../ui/errors.ts";
import { formatCount, formatSeconds } from "../ui/numbers.ts";
import { manyLines } from "../ui/safe-text.ts";
import { renderTable } from "../ui/table.ts";
import type { Screen } from "../ui/terminal.ts";
import { isCommand, runCommand } from "./sql-commands.ts";
import { isComplete } from "./sql-complete.ts";
import { readHistory, writeHistory } from "./sql-history.ts";

/** What the prompt runs on: a lesson's session, or an engine. */
export interface SqlSource {
  /** Rows of one statement, cut after `maxRows`; SqlError for a mistake in it, CancelledError when stopped. */
  query(
    sql: string,
    options: { readonly signal: AbortSignal; readonly maxRows: number },
  ): Promise<{ readonly table: Table; readonly isCut: boolean; readonly seconds: number }>;
  /** Tables and views that can be named. */
  tables(): Promise<readonly { readonly name: string; readonly fields: readonly Field[] }[]>;
}

export interface SqlPrompt {
  readonly screen: Screen;
  readonly source: SqlSource;
  readonly historyPath: string;
  readonly signal: AbortSignal;
  /** Offered as the first line of the history: the up arrow brings it. */
  readonly sample?: string | undefined;
  /** Rows shown at most; default 40. */
  readonly maxRows?: number | undefined;
}

/**
 * The prompt of `taller sql` and of a `try` block: a statement may take several lines and runs at its `;`.
 * Ctrl-C stops what runs, Ctrl-D leaves. Without a terminal it runs what stdin brings. Gives the exit code: 1
 * when stdin was piped and a statement failed.
 */
export async function runSqlPrompt(prompt: SqlPrompt): Promise<number> {
  return prompt.screen.canReadKeys ? typedPrompt(prompt) : pipedPrompt(prompt);
}

async function typedPrompt(prompt: SqlPrompt): Promise<number> {
  const { screen, historyPath } = prompt;
  const { lang, streams } = screen;
  const history = await readHistory(historyPath);
  if (prompt.sample !== undefined) history.unshift(prompt.sample.replace(/\s*\n\s*/g, " ").trim());
  screen.print(` ${screen.look().colors.dim(sqlPromptTexts.welcome[lang])}`);
  const lines = createInterface({
    input: streams.stdin,
    output: streams.stdout,
    // Plain mode still edits a line: that is the terminal's own echo, nothing is redrawn.
    terminal: true,
    history: [...history],
    historySize: 500,
    removeHistoryDuplicates: true,
    completer: await completer(prompt),
  });
  let pending = "";
  const entered: string[] = [];
  let running: AbortController | undefined;
  // Ctrl-D may come while a query runs, and Node 24 lets no closed prompt ask.
  let isClosed = false;
  lines.once("close", () => {
    isClosed = true;
  });
  const ask = () => {
    if (isClosed) return;
    lines.setPrompt(pending === "" ? "sql> " : "...> ");
    lines.prompt();
  };
  lines.on("SIGINT", () => {
    if (running !== undefined) {
      running.abort(new CancelledError());
      return;
    }
    const note = pending === "" && lines.line === "" ? sqlPromptTexts.toLeave : sqlPromptTexts.cleared;
    pending = "";
    eraseLine(lines);
    screen.print(note[lang]);
    ask();
  });
  const onAbort = () => lines.close();
  prompt.signal.addEventListener("abort", onAbort, { once: true });
  ask();
  try {
    // Lines are taken one by one: what is typed while a query runs waits.
    for await (const line of lines) {
      const text = pending === "" ? line : `${pending}\n${line}`;
      if (pending === "" && isCommand(line)) {
        if (await runCommand(line.trim(), prompt)) break;
      } else if (text.trim() !== "" && !isComplete(text)) pending = text;
      else {
        pending = "";
        if (text.trim() !== "") entered.unshift(text);
        running = new AbortController();
        await runStatements(text, prompt, running.signal);
        running = undefined;
      }
      ask();
    }
  } finally {
    prompt.signal.removeEventListener("abort", onAbort);
    lines.close();
    screen.print();
  }
  if (entered.length > 0) await writeHistory(historyPath, [...entered, ...history]);
  if (prompt.signal.aborted) throw new CancelledError();
  return 0;
}

/** Runs each statement of what is piped; one that fails does not stop the next. */
async function pipedPrompt(prompt: SqlPrompt): Promise<number> {
  const lines = createInterface({ input: prompt.screen.streams.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  let pending = "";
  let hasFailed = false;
  const run = async (text: string) => {
    if (!(await runStatements(text, prompt, prompt.signal))) hasFailed = true;
  };
  for await (const line of lines) {
    if (pending.trim() === "" && isCommand(line)) {
      pending = "";
      if (await runCommand(line.trim(), prompt)) break;
      continue;
    }
    pending += `${line}\n`;
    if (!isComplete(pending)) continue;
    await run(pending);
    pending = "";
  }
  if (pending.trim() !== "") await run(pending);
  return hasFailed ? 1 : 0;
}

/** Runs the statements of a text and draws their rows; false when one failed. */
async function runStatements(text: string, prompt: SqlPrompt, signal: AbortSignal): Promise<boolean> {
  const { screen, source, maxRows = 40 } = prompt;
  const { lang } = screen;
  const say = screen.canReadKeys ? screen.print : screen.note;
  let isFine = true;
  for (const statement of splitStatements(text)) {
    try {
      const { table, isCut, seconds } = await source.query(statement, { signal, maxRows });
      const look = screen.look();
      if (table.fields.length === 0) {
        screen.print(look.colors.dim(`${sqlPromptTexts.done[lang]} · ${formatSeconds(seconds, lang)}`));
        continue;
      }
      const rows = isCut
        ? lessonTexts.rowsCut[lang](formatNumber(table.rowCount, lang))
        : formatCount(table.rowCount, tableTexts.rows, lang);
      screen.print(renderTable(table, look, { maxRows, hasRowCount: false }));
      const facts = [rows, labelTexts.measured[lang], formatSeconds(seconds, lang)];
      screen.print(look.colors.dim(facts.join(" · ")));
    } catch (error) {
      isFine = false;
      if (error instanceof CancelledError) {
        if (prompt.signal.aborted) throw error;
        say(sqlPromptTexts.cancelled[lang]);
        return false;
      }
      say(inWords(error, prompt));
    }
  }
  return isFine;
}

function inWords(error: unknown, prompt: SqlPrompt): string {
  const look = prompt.screen.look();
  if (error instanceof UserError) return renderError(error, look);
  if (!(error instanceof SqlError)) throw error;
  const line = error.line === undefined ? "" : ` (${sqlPromptTexts.line[look.lang]} ${error.line})`;
  return `${look.colors.red(sqlPromptTexts.error[look.lang])}${line} ${manyLines(messageOf(error))}`;
}

/** Tab completes tables and columns, in the case in which they are named. */
async function completer(prompt: SqlPrompt): Promise<(line: string) => [string[], string]> {
  let words: string[] | undefined;
  const learn = async () => {
    const tables = await prompt.source.tables();
    words = [
      ...new Set(tables.flatMap((table) => [table.name, ...table.fields.map((field) => field.name)])),
    ].sort();
  };
  return (line) => {
    // The names are learnt at the first Tab: a prompt must not wait for its tables.
    if (words === undefined) learn().catch(() => undefined);
    const last = /[\w.]*$/.exec(line)?.[0] ?? "";
    const matching =
      last === "" ? [] : (words ?? []).filter((word) => word.toLowerCase().startsWith(last.toLowerCase()));
    return [matching, last];
  };
}

function eraseLine(lines: Interface): void {
  lines.write(null, { ctrl: true, name: "e" });
  lines.write(null, { ctrl: true, name: "u" });
}
