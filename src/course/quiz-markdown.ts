import type { Quiz, QuizChoice } from "./course.ts";
import { courseError } from "./course-error.ts";
import { type Fence, quizOptions } from "./fence.ts";

/**
 * Reads the body of a `quiz` fence:
 *
 * - the question (Markdown) up to the first answer line;
 * - single, multiple, predict: `- [x] text :: explanation` (right) and `- text :: explanation`;
 * - order: `1. item` … in the right order, then `> explanation`;
 * - number: `= 39050 ± 10 files :: explanation`, then `~ 4 :: what this wrong number gives away`.
 *
 * A line that is indented goes on with the one above it. Errors name file and line.
 */
export function readQuiz(fence: Fence): Quiz {
  const { kind, id } = quizOptions(fence);
  const { question, answers } = splitBody(fence, ANSWER_LINE[kind]);
  if (question === "") throw wrong(fence, fence.line, "the question is missing");
  switch (kind) {
    case "single":
    case "multiple":
    case "predict":
      return { id, kind, question, choices: readChoices(fence, kind, answers) };
    case "order":
      return { id, kind, question, ...readOrder(fence, answers) };
    case "number":
      return { id, kind, question, ...readNumber(fence, answers) };
  }
}

interface AnswerLine {
  readonly text: string;
  readonly line: number;
}

const CHOICE = /^- /;
const ANSWER_LINE: Record<Quiz["kind"], RegExp> = {
  single: CHOICE,
  multiple: CHOICE,
  predict: CHOICE,
  order: /^\d+[.)] /,
  number: /^[=~] ?/,
};

function splitBody(fence: Fence, isAnswer: RegExp): { question: string; answers: AnswerLine[] } {
  const lines = fence.body.split("\n");
  let isCode = false;
  const first = lines.findIndex((line) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    return !isCode && isAnswer.test(line);
  });
  if (first < 0) throw wrong(fence, fence.line, "no answer line was found");
  const answers: AnswerLine[] = [];
  lines.slice(first).forEach((text, index) => {
    const line = fence.line + 1 + first + index;
    const last = answers.at(-1);
    if (text.trim() === "") return;
    if (/^\s/.test(text) && last !== undefined) {
      answers[answers.length - 1] = { ...last, text: `${last.text} ${text.trim()}` };
    } else {
      answers.push({ text: text.trimEnd(), line });
    }
  });
  return { question: lines.slice(0, first).join("\n").trim(), answers };
}

function readChoices(
  fence: Fence,
  kind: "single" | "multiple" | "predict",
  answers: readonly AnswerLine[],
): QuizChoice[] {
  const choices = answers.map(({ text, line }) => {
    const match = /^- (?:\[([ xX])\] )?(.*)$/s.exec(text);
    if (match === null) throw wrong(fence, line, "expected `- [x] text :: explanation`");
    const [said, explanation] = splitExplanation(fence, line, match[2] ?? "");
    return { text: said, isRight: (match[1] ?? " ") !== " ", explanation };
  });
  const right = choices.filter((choice) => choice.isRight).length;
  if (choices.length < 2) throw wrong(fence, fence.line, "at least two choices are needed");
  if (kind === "multiple" ? right < 1 : right !== 1)
    throw wrong(
      fence,
      fence.line,
      `${right} choices are marked [x]; ${kind} needs ${kind === "multiple" ? "at least one" : "one"}`,
    );
  return choices;
}

function readOrder(fence: Fence, answers: readonly AnswerLine[]) {
  const items: string[] = [];
  const explanation: string[] = [];
  for (const { text, line } of answers) {
    const item = /^(\d+)[.)] (.*)$/s.exec(text);
    if (item !== null && explanation.length === 0) {
      if (Number(item[1]) !== items.length + 1)
        throw wrong(fence, line, `expected item ${items.length + 1}: items stand in the right order`);
      items.push((item[2] ?? "").trim());
    } else if (text.startsWith(">")) {
      explanation.push(text.slice(1).trim());
    } else {
      throw wrong(fence, line, "expected `1. item`, or `> explanation` at the end");
    }
  }
  if (items.length < 2) throw wrong(fence, fence.line, "at least two items are needed");
  if (explanation.length === 0) throw wrong(fence, fence.line, "a line `> explanation` is missing");
  return { items, explanation: explanation.join("\n") };
}

const NUMBER = String.raw`[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const ANSWER = new RegExp(String.raw`^= ?(${NUMBER})(?:\s*(?:±|\+-)\s*(${NUMBER}))?\s*(.*?)\s*$`, "s");
const NEAR = new RegExp(`^~ ?(${NUMBER})$`);

function readNumber(fence: Fence, answers: readonly AnswerLine[]) {
  const [first, ...others] = answers;
  if (first === undefined) throw wrong(fence, fence.line, "the line `= number :: explanation` is missing");
  const [said, explanation] = splitExplanation(fence, first.line, first.text);
  const match = ANSWER.exec(said);
  if (match === null) throw wrong(fence, first.line, "expected `= 39050 ± 10 unit :: explanation`");
  const near = others.map(({ text, line }) => {
    const [value, gives] = splitExplanation(fence, line, text);
    const number = NEAR.exec(value);
    if (number === null) throw wrong(fence, line, "expected `~ 4 :: explanation of that wrong number`");
    return { value: Number(number[1]), explanation: gives };
  });
  const answer = Number(match[1]);
  const tolerance = Math.abs(Number(match[2] ?? 0));
  const hit = near.findIndex((n) => Math.abs(n.value - answer) <= tolerance);
  if (hit >= 0)
    throw wrong(fence, others[hit]?.line ?? fence.line, "this number is within the tolerance: it is right");
  return { answer, tolerance, unit: match[3] === "" ? undefined : match[3], explanation, near };
}

function splitExplanation(fence: Fence, line: number, text: string): [string, string] {
  const at = text.indexOf(" :: ");
  const said = at < 0 ? "" : text.slice(0, at).trim();
  const explanation = at < 0 ? "" : text.slice(at + 4).trim();
  if (said === "" || explanation === "")
    throw wrong(fence, line, "every answer has its explanation: `text :: explanation`");
  return [said, explanation];
}

function wrong(fence: Fence, line: number, what: string) {
  return courseError({ code: "quiz", what: `quiz: ${what}`, file: fence.file, line });
}
