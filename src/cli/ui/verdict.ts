import type { Task } from "../../course/course.ts";
import type { CheckOutcome, Failure, Verdict } from "../../grading/verdict.ts";
import { caseWords, verdictTexts } from "../texts/verdict.ts";
import { renderInlineMarkdown, renderMarkdown } from "./markdown.ts";
import { formatSeconds } from "./numbers.ts";
import { renderProblem } from "./problem.ts";
import { isAmongDifferences, renderReason } from "./reason.ts";
import { titleLines } from "./rule.ts";
import { manyLines, oneLine, padTo } from "./safe-text.ts";
import { renderTable } from "./table.ts";
import type { Look } from "./terminal.ts";
import { wrap } from "./wrap.ts";

export interface VerdictView {
  readonly verdict: Verdict;
  /** The texts of checks and mistakes; without it their ids stand alone. */
  readonly task: Pick<Task, "checks" | "mistakes"> | undefined;
  /** As the learner knows it: `01/quarantine`. */
  readonly name: string;
  /** The files that were graded, as the learner would open them. */
  readonly files: readonly string[];
}

/**
 * A verdict as text: what holds first, then the one thing to mend, with the smallest case and the mistake that
 * gives the same outcome. Ends without a line end.
 */
export function renderVerdict(view: VerdictView, look: Look): string {
  const { verdict } = view;
  const inner = { ...look, columns: Math.max(20, Math.min(look.columns, 100) - 3) };
  const sections = [
    titleLines({ left: header(view, look), right: outcome(verdict, look), look }),
    ...(verdict.passed ? [] : [indent(typeErrors(verdict, inner))]),
    checkLines(view, look),
    ...(verdict.problem === undefined ? [] : [indent(renderProblem(verdict.problem, inner))]),
    indent(firstFailure(view, inner)),
    ...(verdict.passed ? [indent(typeErrors(verdict, inner))] : []),
  ].filter((lines) => lines.length > 0);
  const [title = [], first = [], ...rest] = sections;
  return [...title, ...first, ...rest.flatMap((lines) => ["", ...lines])].join("\n");
}

function header(view: VerdictView, look: Look): string {
  const { colors } = look;
  const mark = view.verdict.passed
    ? colors.green(look.isUnicode ? "✓" : "+")
    : colors.red(look.isUnicode ? "✗" : "x");
  return `${look.isPlain ? "" : `${mark} `}${colors.bold(view.name)}   ${view.files.map(oneLine).join(", ")}`;
}

function outcome(verdict: Verdict, look: Look): string {
  const { colors, lang } = look;
  const word = verdict.passed
    ? colors.green(verdictTexts.passed[lang])
    : colors.red(verdictTexts.notPassed[lang]);
  return `${word} · ${formatSeconds(verdict.seconds, lang)}`;
}

/** One line a check: the word, the id, what it asks for. What holds stands first. */
function checkLines(view: VerdictView, look: Look): string[] {
  const judged = view.verdict.checks;
  // A submission that did not run was judged in nothing: a list of "not yet" would say no more.
  if (judged.every((check) => check.passed === null)) return [];
  const ordered = [
    ...judged.filter((check) => check.passed === true),
    ...judged.filter((check) => check.passed === false),
    ...judged.filter((check) => check.passed === null),
  ];
  const wordWidth = 8;
  const idWidth = Math.min(20, Math.max(...ordered.map((check) => check.id.length)));
  const before = 1 + wordWidth + idWidth + 2;
  return ordered.flatMap((check) => {
    const title = renderInlineMarkdown(view.task?.checks[check.id] ?? "", look);
    const lines = wrap(title, Math.max(20, look.columns - before));
    const head = ` ${padTo(checkWord(check, look), wordWidth)}${padTo(check.id, idWidth)}  `;
    return lines.map((line, index) => (index === 0 ? head + line : " ".repeat(before) + line).trimEnd());
  });
}

function checkWord(check: CheckOutcome, look: Look): string {
  const { colors, lang } = look;
  if (check.passed === true) return colors.green(verdictTexts.passes[lang]);
  if (check.passed === false) return colors.red.bold(verdictTexts.fails[lang]);
  return colors.dim(verdictTexts.notReached[lang]);
}

/** Only the first check that fails is explained: one thing at a time. */
function firstFailure(view: VerdictView, look: Look): string[] {
  const failed = view.verdict.checks.find((check) => check.passed === false);
  if (failed === undefined) return [];
  const { failure } = failed;
  const onData = caseWords(failed.case, look.lang);
  const lines: string[] = [];
  if (onData !== undefined)
    lines.push(look.colors.dim(`${onData.charAt(0).toUpperCase()}${onData.slice(1)}:`));
  const mistakeId = failed.mistake ?? failure?.mistake;
  const mistake = mistakeId === undefined ? undefined : view.task?.mistakes[mistakeId];
  const example = exampleLines(failure, look);
  const isRepeated = failure?.example !== undefined && isAmongDifferences(failure.example, failure.reason);
  const isPlaced = example.length > 0 && mistake?.includes(placeholder) === true;
  // Rows are shown once: where the mistake places them, else among the differences, else on their own.
  if (failure !== undefined)
    lines.push(...renderReason(failure.reason, look, { hasWholeRows: !(isPlaced && isRepeated) }));
  if (example.length > 0 && !isPlaced && !isRepeated)
    lines.push("", verdictTexts.smallest[look.lang], ...example);
  if (mistake !== undefined) lines.push("", ...mistakeLines(mistake, example, look));
  const others = view.verdict.checks.filter((check) => check.passed === false).length;
  if (others > 1) lines.push("", look.colors.dim(verdictTexts.otherFailures[look.lang]));
  return lines;
}

function exampleLines(failure: Failure | undefined, look: Look): string[] {
  if (failure?.example === undefined || failure.example.rowCount === 0) return [];
  return renderTable(failure.example, look, { indent: 2, hasRowCount: false, maxRows: 8 }).split("\n");
}

const placeholder = "{{example}}";

function mistakeLines(mistake: string, example: readonly string[], look: Look): string[] {
  return mistake
    .split(placeholder)
    .flatMap((part, index) => {
      const text = part.trim() === "" ? [] : renderMarkdown(part.trim(), look).split("\n");
      const table = index === 0 || example.length === 0 ? [] : [...example, ""];
      return [...table, ...text, ""];
    })
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()
    .split("\n");
}

function typeErrors(verdict: Verdict, look: Look): string[] {
  if (verdict.typeErrors.length === 0) return [];
  const title = verdict.passed ? verdictTexts.typeNotes : verdictTexts.typeErrors;
  return [
    title[look.lang],
    ...verdict.typeErrors
      .slice(0, 8)
      .flatMap((note) => [
        `  ${look.colors.yellow(`${oneLine(note.file)}:${note.line}:${note.column}`)}`,
        ...wrap(manyLines(note.message), look.columns - 4).map((line) => `    ${line}`),
      ]),
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `   ${line}`));
}
