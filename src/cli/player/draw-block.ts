import { formatNumber } from "../../core/numbers.ts";
import type { Lesson, LessonStep, Module } from "../../course/course.ts";
import type { BlockResult } from "../../course/run-block.ts";
import type { SourceExcerpt } from "../../course/source-excerpt.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { labelTexts } from "../texts/progress.ts";
import { tableTexts } from "../texts/table.ts";
import { formatValue } from "../ui/cells.ts";
import { renderChart } from "../ui/chart.ts";
import { renderCode, renderInlineMarkdown } from "../ui/markdown.ts";
import { formatCount, formatSeconds } from "../ui/numbers.ts";
import { titleLines } from "../ui/rule.ts";
import { cutTo, oneLine } from "../ui/safe-text.ts";
import { renderTable } from "../ui/table.ts";
import type { Look } from "../ui/terminal.ts";
import { wrap } from "../ui/wrap.ts";
import { drawPlan } from "./draw-plan.ts";

const indent = 3;

/** The header of a step: module, lesson, step n of m; then the step's title. */
export function drawHeading(
  place: { module: Module; lesson: Lesson; step: LessonStep; index: number },
  look: Look,
): string {
  const { module, lesson, step, index } = place;
  const count = lesson.steps.length;
  return [
    ...titleLines({
      left: `${module.number} · ${oneLine(lesson.title)}`,
      right: lessonTexts.stepOf[look.lang](index + 1, count),
      look,
    }),
    ...wrap(look.colors.bold(renderInlineMarkdown(step.title, look)), look.columns - 2).map(
      (line) => ` ${line}`,
    ),
  ].join("\n");
}

/** A piece of a real file, with its name. */
export function drawSource(source: SourceExcerpt, look: Look): string {
  const inner = { ...look, columns: look.columns - indent };
  const name = source.firstLine === 1 ? source.file : `${source.file}:${source.firstLine}`;
  return [look.colors.dim(name), ...renderCode(source.text, languageAs(source.language), inner)]
    .map((line) => " ".repeat(indent) + line)
    .join("\n");
}

/** What a block gave, with where its numbers come from and how long it took. */
export function drawResult(result: BlockResult, look: Look): string {
  const { lang, colors } = look;
  const margin = " ".repeat(indent);
  const inner = { ...look, columns: look.columns - indent };
  const facts = [labelTexts[result.label][lang], formatSeconds(result.seconds, lang)];
  const below = (before: readonly string[]) => margin + colors.dim([...before, ...facts].join(" · "));
  switch (result.kind) {
    case "table": {
      const rows = result.isCut
        ? lessonTexts.rowsCut[lang](formatNumber(result.table.rowCount, lang))
        : formatCount(result.table.rowCount, tableTexts.rows, lang);
      const options = { indent, hasRowCount: false, maxRows: result.table.rowCount };
      return `${renderTable(result.table, look, options)}\n${below([rows])}`;
    }
    case "chart":
      return `${renderChart(result.chart, look, { indent })}\n${below([])}`;
    case "value": {
      const unit = result.unit === undefined ? "" : ` ${result.unit}`;
      return `${margin}${oneLine(result.name)}: ${colors.bold(formatValue(result.value, lang) + unit)}\n${below([])}`;
    }
    case "bytes": {
      const lines = result.lines.map((line) => cutTo(oneLine(line), inner.columns - 2, look.isUnicode));
      const bar = look.isPlain ? "" : colors.dim(look.isUnicode ? "│ " : "| ");
      return [...lines.map((line) => margin + bar + line), below([])].join("\n");
    }
    case "reconciliation":
      return [
        ...wrap(reconciliation(result.reconciliation, look), inner.columns).map((line) => margin + line),
        below([]),
      ].join("\n");
    case "plan":
      return [...drawPlan(result.plan, inner).map((line) => margin + line), below([])].join("\n");
    case "pipeline":
      return below([]);
  }
}

/** `read 5 000 = valid 4 871 + rejected 129   it adds up`. */
function reconciliation(
  sum: Extract<BlockResult, { kind: "reconciliation" }>["reconciliation"],
  look: Look,
): string {
  const { lang, colors } = look;
  const term = (part: { name: string; value: number }) =>
    `${oneLine(part.name)} ${formatNumber(part.value, lang)}`;
  const equation = `${term(sum.total)} = ${sum.parts.map(term).join(" + ")}`;
  const missing = formatNumber(Math.abs(sum.missing), lang);
  if (sum.missing === 0) return `${equation}   ${colors.green(lessonTexts.reconciles[lang])}`;
  const words = sum.missing > 0 ? lessonTexts.doesNotReconcile : lessonTexts.tooMany;
  return `${equation}   ${colors.red(words[lang](missing))}`;
}

function languageAs(language: string): string | undefined {
  if (language === "plaintext") return undefined;
  return language === "javascript" ? "typescript" : language;
}
