import { formatNumber } from "../../core/numbers.ts";
import { type Cell, type Row, rowsOf, type Table } from "../../core/table.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import type { FailureReason, RowDifference } from "../../grading/verdict.ts";
import { familyTexts, listOf, reasonTexts } from "../texts/reason.ts";
import { tableTexts } from "../texts/table.ts";
import { formatValue } from "./cells.ts";
import { renderInlineMarkdown } from "./markdown.ts";
import { formatCount } from "./numbers.ts";
import { oneLine } from "./safe-text.ts";
import { renderTable } from "./table.ts";
import type { Look } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** Why a check failed: sentences, and for rows the first that differ, by key (whole rows not, where they are shown elsewhere). */
export function renderReason(
  reason: FailureReason,
  look: Look,
  options: { readonly hasWholeRows: boolean } = { hasWholeRows: true },
): string[] {
  const sentences = sentencesOf(reason, look).flatMap((sentence) =>
    wrap(renderInlineMarkdown(sentence, look), look.columns),
  );
  return reason.kind === "rows"
    ? [...sentences, ...renderDifferences(reason.differences, options.hasWholeRows, look)]
    : sentences;
}

function sentencesOf(reason: FailureReason, look: Look): string[] {
  const { lang } = look;
  switch (reason.kind) {
    case "columns": {
      const result = code(reason.result);
      const lines: string[] = [];
      if (reason.missing.length > 0)
        lines.push(
          reasonTexts.missingColumns[lang](result, names(reason.missing, look), reason.missing.length === 1),
        );
      if (reason.extra.length > 0)
        lines.push(
          reasonTexts.extraColumns[lang](result, names(reason.extra, look), reason.extra.length === 1),
        );
      if (reason.expectedOrder !== undefined)
        lines.push(reasonTexts.columnOrder[lang](reason.expectedOrder.map(code).join(", ")));
      return lines;
    }
    case "types":
      return reason.columns.map((column) =>
        reasonTexts.type[lang](
          code(column.name),
          familyWord(column.expected, lang),
          familyWord(column.actual, lang),
        ),
      );
    case "rows": {
      const count = (value: number) => ({ count: value, text: formatNumber(value, lang) });
      return [
        reasonTexts.rows[lang]({
          result: code(reason.result),
          expectedRows: formatNumber(reason.expectedRows, lang),
          actualRows: formatCount(reason.actualRows, tableTexts.rows, lang),
          isSameCount: reason.expectedRows === reason.actualRows,
          missing: count(reason.missing),
          extra: count(reason.extra),
          changed: count(reason.changed),
        }),
      ];
    }
    case "order":
      return [
        reasonTexts.order[lang](
          code(reason.result),
          formatNumber(reason.row, lang),
          reason.by.map(code).join(", "),
        ),
      ];
    case "value": {
      const unit = reason.unit === undefined ? "" : `\u00a0${reason.unit}`;
      const value = (cell: Cell) => plain(formatValue(cell, lang)) + (cell === null ? "" : unit);
      const lines = [
        reasonTexts.value[lang](
          plain(typeof reason.name === "string" ? reason.name : reason.name[lang]),
          value(reason.expected),
          value(reason.actual),
        ),
      ];
      if (reason.tolerance !== undefined && reason.tolerance > 0)
        lines.push(reasonTexts.tolerance[lang](formatNumber(reason.tolerance, lang)));
      return lines;
    }
    case "answer":
      return [answerSentence(reason, look)];
    case "files":
    case "plan":
      return reason.facts.map((fact) =>
        reasonTexts.fact[lang](fact.name[lang], plain(fact.expected), plain(fact.actual)),
      );
    case "said":
      return [reason.text[lang]];
  }
}

/** A family of types in the learner's words; an exact type that the task fixes stands as it is. */
function familyWord(family: string, lang: Look["lang"]): string {
  return familyTexts[family]?.[lang] ?? family;
}

function answerSentence(reason: Extract<FailureReason, { kind: "answer" }>, look: Look): string {
  const field = code(reason.field);
  const given = plain(formatValue(reason.given, look.lang));
  switch (reason.problem) {
    case "wrong":
      return reasonTexts.answerWrong[look.lang](field, given);
    case "missing":
      return reasonTexts.answerMissing[look.lang](field);
    case "form":
      return reasonTexts.answerForm[look.lang](field, given);
  }
}

const mostDifferences = 4;

/** Rows that are missing or too many in one table, changed cells in another: their columns differ. */
function renderDifferences(
  differences: readonly RowDifference[],
  hasWholeRows: boolean,
  look: Look,
): string[] {
  const shown = differences.slice(0, mostDifferences);
  const whole = shown.flatMap((difference) =>
    difference.kind === "changed" || !hasWholeRows
      ? []
      : [{ "": reasonTexts.differs[difference.kind][look.lang], ...shownCells(difference.row, look) }],
  );
  const words = reasonTexts.changedColumns[look.lang];
  const changed = shown.flatMap((difference) =>
    difference.kind === "changed"
      ? difference.cells.map((cell) => ({
          ...shownCells(difference.key, look),
          [words.column]: oneLine(cell.column),
          [words.expected]: shownCell(cell.expected, look),
          [words.actual]: shownCell(cell.actual, look),
        }))
      : [],
  );
  return [...textTable(whole, look), ...textTable(changed, look)];
}

/** True when each row of the example stands among the differences already. */
export function isAmongDifferences(example: Table, reason: FailureReason): boolean {
  if (reason.kind !== "rows") return false;
  const shown = reason.differences
    .slice(0, mostDifferences)
    .flatMap((difference) => (difference.kind === "changed" ? [] : [difference.row]));
  return rowsOf(example).every((row) =>
    shown.some((other) => Object.entries(row).every(([name, cell]) => other[name] === cell)),
  );
}

function textTable(rows: readonly Row[], look: Look): string[] {
  if (rows.length === 0) return [];
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const fields = fieldsOf(Object.fromEntries(columns.map((name) => [name, { kind: "string" as const }])));
  return ["", ...renderTable(tableFromRows(fields, rows), look, { hasRowCount: false }).split("\n")];
}

function shownCells(row: Row, look: Look): Record<string, string | null> {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, shownCell(cell, look)]));
}

function shownCell(cell: Cell, look: Look): string | null {
  if (cell === null) return null;
  // The text NULL is no NULL, and an empty text is something: both would be taken for it.
  return typeof cell === "string" && /^(null)?$/i.test(cell) ? `'${cell}'` : formatValue(cell, look.lang);
}

function names(columns: readonly string[], look: Look): string {
  return listOf(columns.map(code), look.lang);
}

function code(name: string): string {
  return `\`${oneLine(name).replaceAll("`", "'")}\``;
}

/** Data inside a Markdown sentence: its own marks must not be read as Markdown. */
function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}
