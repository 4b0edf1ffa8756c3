import { formatNumber } from "../../core/numbers.ts";
import type { SubmissionProblem } from "../../grading/verdict.ts";
import { problemTexts } from "../texts/problem.ts";
import { renderInlineMarkdown } from "./markdown.ts";
import { manyLines, oneLine } from "./safe-text.ts";
import type { Look } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** Why nothing could be judged, in words: where, what, and the engine's or runtime's own message. */
export function renderProblem(problem: SubmissionProblem, look: Look): string[] {
  const { lang } = look;
  const say = (markdown: string) => wrap(renderInlineMarkdown(markdown, look), look.columns);
  switch (problem.kind) {
    case "missing-file":
    case "not-text":
      return say(problemTexts[problem.kind][lang](code(problem.file)));
    case "syntax":
      return [
        ...placeLine(problem, look),
        ...say(problemTexts.syntax[lang]),
        ...theirWords(problem.message, look),
      ];
    case "sql":
      return [
        ...placeLine(problem, look),
        ...say(problemTexts.sql[lang]),
        ...theirWords(problem.message, look),
      ];
    case "missing-result":
      return say(
        problemTexts["missing-result"][lang](code(problem.result), problem.found.map(code).join(", ")),
      );
    case "missing-export":
      return say(
        problemTexts["missing-export"][lang](code(problem.name), problem.found.map(code).join(", ")),
      );
    case "threw":
      return [
        ...placeLine(problem, look),
        ...say(problemTexts.threw[lang]),
        ...theirWords(problem.message, look),
      ];
    case "refused":
      return [
        ...placeLine(problem, look),
        ...say(refusedSentence(problem, look)),
        ...theirWords(problem.message, look),
      ];
    case "time-limit":
      return say(problemTexts["time-limit"][lang](`${formatNumber(problem.limitMs / 1000, lang)}\u00a0s`));
    case "memory-limit":
    case "disk-limit":
    case "output-limit":
      return say(problemTexts[problem.kind][lang](`${formatNumber(problem.limitMb, lang)}\u00a0MB`));
    case "ended-early":
      return say(problemTexts["ended-early"][lang](howItEnded(problem, look)));
    case "not-data":
      return [...say(problemTexts["not-data"][lang]), ...theirWords(problem.message, look)];
  }
}

function placeLine(
  place: { file?: string | undefined; line?: number | undefined; column?: number | undefined },
  look: Look,
): string[] {
  if (place.file === undefined) return [];
  const file = oneLine(place.file);
  return [
    look.colors.bold(
      place.line === undefined ? file : problemTexts.place[look.lang](file, place.line, place.column),
    ),
  ];
}

/** Another program's own words: set in, never translated, a few lines at most. */
function theirWords(message: string, look: Look): string[] {
  if (message.trim() === "") return [];
  const lines = manyLines(message.trim()).split("\n");
  const shown = lines.slice(0, 12).flatMap((line) => wrap(line, look.columns - 2));
  return [...shown, ...(lines.length > 12 ? ["…"] : [])].map((line) => `  ${look.colors.yellow(line)}`);
}

/** Ends in a colon only where the engine's or runtime's words follow. */
function refusedSentence(problem: Extract<SubmissionProblem, { kind: "refused" }>, look: Look): string {
  const sentence = problemTexts.refused[look.lang](refusalWords(problem.what, look));
  return sentence + (problem.message.trim() === "" ? "." : ":");
}

function refusalWords(what: string, look: Look): string {
  const known: Readonly<Record<string, { es: string; en: string }>> = problemTexts.refusals;
  return known[what]?.[look.lang] ?? code(what);
}

function howItEnded(problem: Extract<SubmissionProblem, { kind: "ended-early" }>, look: Look): string {
  if (problem.signal !== null) return problemTexts.signal[look.lang](problem.signal);
  return problemTexts.exitCode[look.lang](problem.exitCode ?? 0);
}

function code(name: string): string {
  return `\`${oneLine(name).replaceAll("`", "'")}\``;
}
