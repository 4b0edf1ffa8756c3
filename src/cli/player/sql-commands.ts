import { formatType } from "../../core/table.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import { sqlPromptTexts } from "../texts/sql-prompt.ts";
import { oneLine } from "../ui/safe-text.ts";
import { renderTable } from "../ui/table.ts";
import type { Screen } from "../ui/terminal.ts";
import type { SqlPrompt } from "./sql-prompt.ts";

/** True for a line that is no SQL but an order to the prompt. */
export function isCommand(line: string): boolean {
  return /^\s*(\.[a-z]|\\[a-z?])/i.test(line);
}

/** `.help`, `.tables`, `\d`, …; true when the prompt is to be left. */
export async function runCommand(command: string, prompt: SqlPrompt): Promise<boolean> {
  const { screen } = prompt;
  const [name = "", argument] = command.replace(/;$/, "").split(/\s+/);
  switch (name.toLowerCase()) {
    case ".help":
    case "\\?":
    case "\\h":
      for (const line of sqlPromptTexts.help[screen.lang]) screen.print(`  ${line}`);
      return false;
    case ".tables":
    case ".schema":
    case "\\d":
    case "\\dt":
      screen.print(await listTables(prompt, argument));
      return false;
    case ".quit":
    case ".exit":
    case "\\q":
      return true;
    default:
      screen.print(sqlPromptTexts.unknownCommand[screen.lang](oneLine(name)));
      return false;
  }
}

/** All tables with their columns, or the columns of one. */
async function listTables(prompt: SqlPrompt, named: string | undefined): Promise<string> {
  const { screen, source } = prompt;
  const { lang } = screen;
  const words = sqlPromptTexts.columns;
  const tables = await source.tables();
  if (tables.length === 0) return sqlPromptTexts.noTables[lang];
  if (named !== undefined) {
    const table = tables.find((one) => one.name.toLowerCase() === named.toLowerCase());
    if (table === undefined) return sqlPromptTexts.unknownTable[lang](oneLine(named));
    const rows = table.fields.map((field) => ({
      [words.column[lang]]: field.name,
      [words.type[lang]]: formatType(field.type),
    }));
    return textTable([words.column[lang], words.type[lang]], rows, screen);
  }
  const rows = tables.map((table) => ({
    [words.table[lang]]: table.name,
    [words.columns[lang]]: table.fields.map((field) => field.name).join(", "),
  }));
  return textTable([words.table[lang], words.columns[lang]], rows, screen);
}

function textTable(
  names: readonly string[],
  rows: readonly Record<string, string>[],
  screen: Screen,
): string {
  const fields = fieldsOf(Object.fromEntries(names.map((name) => [name, { kind: "string" as const }])));
  return renderTable(tableFromRows(fields, rows), screen.look(), {
    hasRowCount: false,
    maxRows: rows.length,
  });
}
