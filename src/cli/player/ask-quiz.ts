import { inLang } from "../../core/text.ts";
import type { Quiz } from "../../course/course.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { quizTexts } from "../texts/quiz.ts";
import type { Key } from "../ui/keys.ts";
import { type MenuItem, renderMenu } from "../ui/menu.ts";
import type { Stage } from "../ui/stage.ts";
import type { Look } from "../ui/terminal.ts";
import { drawChoices, drawJudgement, drawQuestion } from "./draw-quiz.ts";
import { type Move, moveOf } from "./move.ts";
import { judge, type QuizAnswer, readNumber, readOrder, shownOrder } from "./quiz-judge.ts";

export interface QuizAsk {
  readonly stage: Stage;
  readonly quiz: Quiz;
  readonly signal: AbortSignal;
  /** Called with each answer. */
  readonly onAnswer: (answer: { readonly said: string; readonly isRight: boolean }) => Promise<void>;
}

/**
 * Asks until the answer is right or the learner goes on; each wrong answer is explained for itself. A `predict`
 * is asked once: the run that follows answers it. Gives `next` when it was answered or passed over.
 */
export async function askQuiz({ stage, quiz, signal, onAnswer }: QuizAsk): Promise<Move> {
  stage.add((look) => `\n${drawQuestion(quiz, look)}`);
  for (;;) {
    const given = await askOnce(stage, quiz, signal);
    stage.live(undefined);
    if (given.kind === "move") return given.move;
    const judgement = judge(quiz, given.answer);
    stage.add((look) => `\n${drawJudgement({ quiz, given: given.said, judgement }, look)}`);
    await onAnswer({ said: given.said, isRight: judgement.isRight });
    if (judgement.isRight || quiz.kind === "predict") return "next";
  }
}

type Given =
  | { readonly kind: "move"; readonly move: Move }
  | { readonly kind: "answer"; readonly answer: QuizAnswer; readonly said: string };

function askOnce(stage: Stage, quiz: Quiz, signal: AbortSignal): Promise<Given> {
  switch (quiz.kind) {
    case "single":
    case "predict":
      return askChoice(stage, quiz, signal);
    case "multiple":
      return askSeveral(stage, quiz, signal);
    case "number":
      return askLine(stage, signal, {
        unit: quiz.unit,
        body: () => "",
        read: (text) => {
          const values = readNumber(text);
          return values.length === 0 ? undefined : { kind: "number", values };
        },
        hint: () => quizTexts.notANumber,
      });
    case "order": {
      const shown = shownOrder(quiz);
      return askLine(stage, signal, {
        body: (look) =>
          `${drawChoices(
            shown.map((item) => quiz.items[item] ?? ""),
            look,
          )}\n   ${look.colors.dim(quizTexts.notAnOrder[look.lang](shown.length))}\n`,
        read: (text) => {
          const places = readOrder(text, shown.length);
          return places && { kind: "order", items: places.map((place) => shown[place] ?? -1) };
        },
        hint: () => ({
          es: quizTexts.notAnOrder.es(shown.length),
          en: quizTexts.notAnOrder.en(shown.length),
        }),
      });
    }
  }
}

type ChoiceQuiz = Extract<Quiz, { kind: "single" | "multiple" | "predict" }>;

async function askChoice(stage: Stage, quiz: ChoiceQuiz, signal: AbortSignal): Promise<Given> {
  const texts = quiz.choices.map((choice) => choice.text);
  // Nothing is chosen beforehand: who goes on with enter, as everywhere, must not have answered.
  let cursor: number | undefined;
  let isRefused = false;
  for (;;) {
    const at = cursor;
    const hint = isRefused ? quizTexts.noChoice : undefined;
    stage.live((look) => {
      const note = hint === undefined ? "" : `\n   ${look.colors.yellow(hint[look.lang](texts.length))}`;
      const keys = choiceKeys(texts.length, at !== undefined, look);
      return `${drawChoices(texts, look, { cursor: at })}${note}\n${menu(look, keys)}`;
    });
    const key = await stage.keys.next(signal);
    isRefused = key.name === "return" && cursor === undefined;
    cursor = movedCursor(key, cursor, texts.length) ?? cursor;
    const chosen = digitOf(key, texts.length) ?? (key.name === "return" ? cursor : undefined);
    if (chosen !== undefined) {
      return { kind: "answer", answer: { kind: "choices", chosen: [chosen] }, said: texts[chosen] ?? "" };
    }
    const move = moveAway(key);
    if (move !== undefined) return { kind: "move", move };
  }
}

async function askSeveral(stage: Stage, quiz: ChoiceQuiz, signal: AbortSignal): Promise<Given> {
  const texts = quiz.choices.map((choice) => choice.text);
  const marked = new Set<number>();
  let cursor = 0;
  let isRefused = false;
  for (;;) {
    const state = { cursor, marked: [...marked] };
    const hint = isRefused ? quizTexts.noChoice : undefined;
    stage.live((look) => {
      const note = hint === undefined ? "" : `\n   ${look.colors.yellow(hint[look.lang](texts.length))}`;
      return `${drawChoices(texts, look, state)}${note}\n${menu(look, severalKeys(texts.length))}`;
    });
    const key = await stage.keys.next(signal);
    isRefused = key.name === "return" && marked.size === 0;
    const moved = movedCursor(key, cursor, texts.length);
    const digit = digitOf(key, texts.length);
    if (moved !== undefined) cursor = moved;
    else if (digit !== undefined || key.name === "space") {
      cursor = digit ?? cursor;
      if (!marked.delete(cursor)) marked.add(cursor);
    } else if (key.name === "return" && marked.size > 0) {
      const chosen = [...marked].sort((a, b) => a - b);
      return {
        kind: "answer",
        answer: { kind: "choices", chosen },
        said: chosen.map((index) => texts[index] ?? "").join(" · "),
      };
    }
    const move = key.name === "space" ? undefined : moveAway(key);
    if (move !== undefined) return { kind: "move", move };
  }
}

/** A line that is typed: letters other than those of a number move, as everywhere. */
async function askLine(
  stage: Stage,
  signal: AbortSignal,
  question: {
    unit?: string | undefined;
    body: (look: Look) => string;
    read: (text: string) => QuizAnswer | undefined;
    hint: () => { es: string; en: string };
  },
): Promise<Given> {
  let typed = "";
  let isRefused = false;
  for (;;) {
    const text = typed;
    const note = isRefused ? question.hint() : undefined;
    stage.live((look) => {
      const hint = note === undefined ? "" : `\n   ${look.colors.yellow(inLang(note, look.lang))}`;
      const caret = look.isPlain ? "" : look.isUnicode ? "▏" : "_";
      return `${question.body(look)}   > ${text}${caret} ${question.unit ?? ""}${hint}\n${menu(look, lineKeys)}`;
    });
    const key = await stage.keys.next(signal);
    isRefused = false;
    if (key.name === "return") {
      const answer = typed.trim() === "" ? undefined : question.read(typed);
      if (answer !== undefined) return { kind: "answer", answer, said: typed.trim() };
      isRefused = true;
    } else if (key.name === "backspace") typed = [...typed].slice(0, -1).join("");
    else if (/^[\d.,\-+%e ]$/i.test(key.text)) typed += key.text;
    else {
      const move = moveAway(key);
      if (move !== undefined) return { kind: "move", move };
    }
  }
}

/** Enter answers in a quiz; `n` goes on without. */
function moveAway(key: Key): Move | undefined {
  if (key.name === "n" || key.name === "escape") return "next";
  const move = moveOf(key);
  return move === "next" ? undefined : move;
}

function movedCursor(key: Key, cursor: number | undefined, count: number): number | undefined {
  if (key.name === "down" || key.name === "j") return ((cursor ?? -1) + 1) % count;
  if (key.name === "up" || key.name === "k") return ((cursor ?? 0) + count - 1) % count;
  return undefined;
}

function digitOf(key: Key, count: number): number | undefined {
  if (!/^[1-9]$/.test(key.text)) return undefined;
  const index = Number(key.text) - 1;
  return index < count ? index : undefined;
}

type KeyTexts = readonly (readonly [key: string, label: { es: string; en: string }])[];

function menu(look: Look, keys: KeyTexts): string {
  const items: MenuItem[] = keys.map(([key, label]) => ({ key, label: label[look.lang] }));
  return `\n${renderMenu(items, look)}`;
}

const leaving: KeyTexts = [
  ["n", lessonTexts.keys.skip],
  ["b", lessonTexts.keys.back],
  ["q", lessonTexts.keys.leave],
];

function choiceKeys(count: number, isChosen: boolean, look: Look): KeyTexts {
  const arrows = look.isUnicode ? "↑↓" : "up/down";
  return [
    [`1-${Math.min(9, count)}`, lessonTexts.keys.choose],
    isChosen ? ["enter", lessonTexts.keys.choose] : [arrows, lessonTexts.keys.move],
    ...leaving,
  ];
}

function severalKeys(count: number): KeyTexts {
  return [[`1-${Math.min(9, count)}`, lessonTexts.keys.mark], ["enter", lessonTexts.keys.choose], ...leaving];
}

const lineKeys: KeyTexts = [["enter", lessonTexts.keys.choose], ...leaving];
