import { formatNumber } from "../../core/numbers.ts";
import type { Quiz } from "../../course/course.ts";
import { quizTexts } from "../texts/quiz.ts";
import { renderInlineMarkdown, renderMarkdown } from "../ui/markdown.ts";
import type { Look } from "../ui/terminal.ts";
import { wrap } from "../ui/wrap.ts";
import { type Judgement, shownOrder } from "./quiz-judge.ts";

const indent = 3;

/** The question, with what kind of answer it wants. */
export function drawQuestion(quiz: Quiz, look: Look): string {
  const inner = { ...look, columns: look.columns - indent };
  const heading = look.colors.bold.cyan(quizTexts.heading[quiz.kind][look.lang]);
  return indented([heading, ...renderMarkdown(quiz.question, inner).split("\n")]);
}

export interface ChoiceState {
  /** The line that the cursor is on. */
  readonly cursor?: number | undefined;
  readonly marked?: readonly number[] | undefined;
}

/** The choices with their numbers; marks and cursor are characters, not only colours. */
export function drawChoices(texts: readonly string[], look: Look, state: ChoiceState = {}): string {
  const pointer = look.isUnicode ? "❯" : ">";
  return texts
    .flatMap((text, index) => {
      const isAt = state.cursor === index;
      const box = state.marked === undefined ? "" : state.marked.includes(index) ? "[x] " : "[ ] ";
      const head = ` ${isAt ? pointer : " "} ${box}${index + 1}. `;
      const lines = wrap(renderInlineMarkdown(text, look), look.columns - head.length - 1);
      return lines.map((line, row) => {
        const whole = (row === 0 ? head : " ".repeat(head.length)) + line;
        return isAt ? look.colors.cyan(whole) : whole;
      });
    })
    .join("\n");
}

/** What the answer was, whether it holds, and why. */
export function drawJudgement(
  input: { quiz: Quiz; given: string; judgement: Judgement },
  look: Look,
): string {
  const { quiz, given, judgement } = input;
  const { lang, colors } = look;
  const inner = { ...look, columns: look.columns - indent };
  const isGuess = quiz.kind === "predict";
  const said = `${(isGuess ? quizTexts.guess : quizTexts.yourAnswer)[lang]} ${renderInlineMarkdown(given, look)}`;
  const word = judgement.isRight ? colors.green(quizTexts.right[lang]) : colors.red(quizTexts.wrong[lang]);
  const notes: string[] = [];
  if (judgement.missing > 0) notes.push(quizTexts.missing[lang](judgement.missing));
  if (judgement.firstWrongPlace !== undefined)
    notes.push(quizTexts.firstWrong[lang](judgement.firstWrongPlace + 1));
  const explained = judgement.explanations.map(({ about, markdown }) =>
    about !== undefined && judgement.explanations.length > 1 ? `**${about}**: ${markdown}` : markdown,
  );
  const [first = "", ...rest] = [[...notes, ...explained.slice(0, 1)].join(" "), ...explained.slice(1)];
  // A guess has no grade of its own: the run that follows answers it.
  const body = isGuess && !judgement.isRight ? first : `${word} ${renderInlineMarkdown(first, inner)}`;
  return indented([
    ...wrap(said, inner.columns),
    ...wrap(isGuess && !judgement.isRight ? renderInlineMarkdown(body, inner) : body, inner.columns),
    ...rest.flatMap((markdown) => wrap(renderInlineMarkdown(markdown, inner), inner.columns)),
  ]);
}

/** Question, choices, answer and every explanation: for a lesson that is printed. */
export function drawWholeQuiz(quiz: Quiz, look: Look): string {
  const { lang } = look;
  const inner = { ...look, columns: look.columns - indent };
  const answer = look.colors.green(quizTexts.answer[lang]);
  const explain = (markdown: string) => wrap(renderInlineMarkdown(markdown, inner), inner.columns);
  switch (quiz.kind) {
    case "single":
    case "multiple":
    case "predict": {
      const explanations = quiz.choices.flatMap((choice, index) => {
        const mark = choice.isRight ? ` (${look.colors.green(quizTexts.isRight[lang])})` : "";
        return explain(`${index + 1}${mark}: ${choice.explanation}`);
      });
      const choices = drawChoices(
        quiz.choices.map((choice) => choice.text),
        look,
      );
      return [drawQuestion(quiz, look), choices, indented(explanations)].join("\n");
    }
    case "number": {
      const unit = quiz.unit === undefined ? "" : ` ${quiz.unit}`;
      const right = `${answer} ${formatNumber(quiz.answer, lang)}${unit}`;
      const near = quiz.near.flatMap((one) =>
        explain(`${formatNumber(one.value, lang)}: ${one.explanation}`),
      );
      return [drawQuestion(quiz, look), indented([right, ...explain(quiz.explanation), ...near])].join("\n");
    }
    case "order": {
      const shown = shownOrder(quiz);
      const right = quiz.items.map((_, item) => shown.indexOf(item) + 1).join(" ");
      return [
        drawQuestion(quiz, look),
        drawChoices(
          shown.map((item) => quiz.items[item] ?? ""),
          look,
        ),
        indented([`${answer} ${right}`, ...explain(quiz.explanation)]),
      ].join("\n");
    }
  }
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line)).join("\n");
}
