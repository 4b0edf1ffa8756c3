import { seededRandom } from "../../core/random.ts";
import type { Quiz } from "../../course/course.ts";

/** What the learner answered: choices and places count from 0. */
export type QuizAnswer =
  | { readonly kind: "choices"; readonly chosen: readonly number[] }
  | { readonly kind: "order"; readonly items: readonly number[] }
  | { readonly kind: "number"; readonly values: readonly number[] };

export interface Judgement {
  readonly isRight: boolean;
  /** What explains the answer, in Markdown: of each choice that was wrong, or of the right ones. */
  readonly explanations: readonly { readonly about: string | undefined; readonly markdown: string }[];
  /** `multiple`: right choices that were left out. */
  readonly missing: number;
  /** `order`: the first place (from 0) that is wrong. */
  readonly firstWrongPlace: number | undefined;
}

/** Judges an answer; a wrong one is explained for itself. */
export function judge(quiz: Quiz, answer: QuizAnswer): Judgement {
  if (quiz.kind === "order") return judgeOrder(quiz, answer.kind === "order" ? answer.items : []);
  if (quiz.kind === "number") return judgeNumber(quiz, answer.kind === "number" ? answer.values : []);
  return judgeChoices(quiz, answer.kind === "choices" ? answer.chosen : []);
}

function judgeChoices(
  quiz: Extract<Quiz, { kind: "single" | "multiple" | "predict" }>,
  chosen: readonly number[],
): Judgement {
  const picked = quiz.choices.filter((_, index) => chosen.includes(index));
  const wrong = picked.filter((choice) => !choice.isRight);
  const right = quiz.choices.filter((choice) => choice.isRight);
  const missing = right.filter((choice) => !picked.includes(choice)).length;
  const isRight = wrong.length === 0 && missing === 0;
  const explained = isRight ? picked : wrong;
  return {
    isRight,
    // A missing right choice is counted, not given away.
    explanations: explained.map((choice) => ({ about: choice.text, markdown: choice.explanation })),
    missing: quiz.kind === "multiple" ? missing : 0,
    firstWrongPlace: undefined,
  };
}

function judgeNumber(quiz: Extract<Quiz, { kind: "number" }>, values: readonly number[]): Judgement {
  const isRight = values.some((value) => isNear(value, quiz.answer, quiz.tolerance));
  const known = quiz.near.find((near) => values.some((value) => isNear(value, near.value, quiz.tolerance)));
  const markdown = isRight ? quiz.explanation : known?.explanation;
  return {
    isRight,
    explanations: markdown === undefined ? [] : [{ about: undefined, markdown }],
    missing: 0,
    firstWrongPlace: undefined,
  };
}

/** A hair more than the tolerance: 0.1 + 0.2 must count as 0.3. */
function isNear(value: number, expected: number, tolerance: number): boolean {
  return Math.abs(value - expected) <= tolerance + 1e-9 * Math.max(1, Math.abs(expected));
}

function judgeOrder(quiz: Extract<Quiz, { kind: "order" }>, items: readonly number[]): Judgement {
  const wrong = quiz.items.findIndex((_, place) => items[place] !== place);
  return {
    isRight: wrong < 0,
    explanations: wrong < 0 ? [{ about: undefined, markdown: quiz.explanation }] : [],
    missing: 0,
    firstWrongPlace: wrong < 0 ? undefined : wrong,
  };
}

/**
 * The readings of a typed number in either locale's form: `1.234,5` and `1,234.5` have one, `1.234` has two
 * (1.234 and 1234). Empty when it is no number.
 */
export function readNumber(text: string): number[] {
  const compact = text.replace(/[\s\u00a0\u202f_']/g, "").replace(/%$/, "");
  if (!/^[+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d+)?$/i.test(compact)) return [];
  const readings = new Set<number>();
  for (const [group, decimal] of [
    [",", "."],
    [".", ","],
  ] as const) {
    const isGrouped = compact.includes(group);
    const whole = compact.split(decimal)[0] ?? "";
    if (isGrouped && !new RegExp(`^[+-]?\\d{1,3}(?:\\${group}\\d{3})+$`).test(whole)) continue;
    const value = Number(compact.replaceAll(group, "").replace(decimal, "."));
    if (Number.isFinite(value)) readings.add(value);
  }
  return [...readings];
}

/** `2 1 3`, `2,1,3` or `213` → places from 0; undefined unless each of `count` numbers is there once. */
export function readOrder(text: string, count: number): number[] | undefined {
  const words = /[\s,;>]/.test(text.trim()) ? text.trim().split(/[\s,;>]+/) : [...text.trim()];
  const places = words.map((word) => Number(word) - 1);
  const isWhole = places.length === count && new Set(places).size === count;
  return isWhole && places.every((place) => Number.isInteger(place) && place >= 0 && place < count)
    ? places
    : undefined;
}

/** The order in which an `order` quiz shows its items: mixed by its id, the same each time, never the right one. */
export function shownOrder(quiz: Extract<Quiz, { kind: "order" }>): number[] {
  const random = seededRandom(...[...quiz.id].map((character) => character.codePointAt(0) ?? 0));
  const order = quiz.items.map((_, index) => index);
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const held = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = held;
  }
  return order.every((item, place) => item === place) ? [...order.slice(1), ...order.slice(0, 1)] : order;
}
