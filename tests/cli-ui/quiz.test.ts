import { describe, expect, test } from "vitest";
import { drawJudgement, drawWholeQuiz } from "../../src/cli/player/draw-quiz.ts";
import { judge, readNumber, readOrder, shownOrder } from "../../src/cli/player/quiz-judge.ts";
import type { Quiz } from "../../src/course/course.ts";
import { lookOf, typed } from "./looks.ts";

const choices = [
  { text: "one", isRight: true, explanation: "Yes, one." },
  { text: "two", isRight: false, explanation: "No, because two." },
  { text: "three", isRight: true, explanation: "Yes, three." },
];
const single: Quiz = { id: "q", kind: "single", question: "Which?", choices };
const multiple: Quiz = { id: "q", kind: "multiple", question: "Which?", choices };
const number: Quiz = {
  id: "q",
  kind: "number",
  question: "How many?",
  answer: 187_412,
  tolerance: 0.5,
  unit: "rows",
  explanation: "As measured.",
  near: [{ value: 199_999, explanation: "That is all of them." }],
};
const order: Quiz = {
  id: "order-of-steps",
  kind: "order",
  question: "In what order?",
  items: ["read", "clean", "write"],
  explanation: "You can't clean what you have not read.",
};

describe("judging a quiz", () => {
  test("explains a wrong choice for itself", () => {
    expect(judge(single, { kind: "choices", chosen: [1] })).toMatchObject({
      isRight: false,
      explanations: [{ about: "two", markdown: "No, because two." }],
    });
  });

  test("wants every right choice of several, and counts what is missing without naming it", () => {
    const partly = judge(multiple, { kind: "choices", chosen: [0] });
    expect(partly).toMatchObject({ isRight: false, missing: 1, explanations: [] });
    expect(judge(multiple, { kind: "choices", chosen: [0, 2] }).isRight).toBe(true);
    expect(judge(multiple, { kind: "choices", chosen: [0, 1, 2] }).isRight).toBe(false);
  });

  test("takes a number within its tolerance and explains one that gives a mistake away", () => {
    expect(judge(number, { kind: "number", values: [187_412.4] }).isRight).toBe(true);
    expect(judge(number, { kind: "number", values: [199_999] })).toMatchObject({
      isRight: false,
      explanations: [{ markdown: "That is all of them." }],
    });
  });

  test("tells the first place that is wrong in an order", () => {
    expect(judge(order, { kind: "order", items: [0, 1, 2] })).toMatchObject({ isRight: true });
    expect(judge(order, { kind: "order", items: [0, 2, 1] })).toMatchObject({
      isRight: false,
      firstWrongPlace: 1,
    });
  });
});

describe("reading an answer", () => {
  test.each([
    ["187412", [187_412]],
    ["187 412", [187_412]],
    ["1.234,5", [1234.5]],
    ["1,234.5", [1234.5]],
    ["0,34", [0.34]],
    ["12 %", [12]],
    ["-3", [-3]],
    ["many", []],
    ["", []],
    ["1,2,3", []],
  ])("reads %s as %o", (text, values) => {
    expect(readNumber(text)).toEqual(values);
  });

  test("reads what is ambiguous both ways", () => {
    expect(readNumber("1.234").sort()).toEqual([1.234, 1234]);
    expect(readNumber("187.412")).toContain(187_412);
  });

  test.each([
    ["2 1 3", [1, 0, 2]],
    ["213", [1, 0, 2]],
    ["2,1,3", [1, 0, 2]],
    ["1 1 2", undefined],
    ["1 2", undefined],
    ["1 2 4", undefined],
  ])("reads the order %s as %o", (text, places) => {
    expect(readOrder(text, 3)).toEqual(places);
  });

  test("mixes the items of an order the same way each time, never into the right one", () => {
    for (let index = 0; index < 50; index++) {
      const quiz = { ...order, id: `q${index}` };
      const shown = shownOrder(quiz);
      expect(shown).toEqual(shownOrder(quiz));
      expect(shown).not.toEqual([0, 1, 2]);
      expect([...shown].sort()).toEqual([0, 1, 2]);
    }
  });
});

describe("drawing a quiz", () => {
  test("prints question, choices, answer and every explanation", () => {
    const text = drawWholeQuiz(multiple, lookOf({ lang: "en" }));
    expect(text).toContain("Which?");
    expect(text).toContain("2. two");
    expect(text).toContain("1 (right): Yes, one.");
    expect(text).toContain("2: No, because two.");
    expect(typed(drawWholeQuiz(number, lookOf()))).toContain("respuesta: 187 412 rows");
  });

  test("prints the order by the numbers that are shown", () => {
    const text = drawWholeQuiz(order, lookOf({ lang: "en" }));
    const shown = shownOrder(order).map((item) => order.items[item]);
    const answer = /answer: ([\d ]+)/.exec(text)?.[1]?.trim().split(" ") ?? [];
    expect(answer.map((place) => shown[Number(place) - 1])).toEqual(["read", "clean", "write"]);
  });

  test("calls a wrong guess neither right nor wrong: the run answers it", () => {
    const predict: Quiz = { ...single, kind: "predict" };
    const judgement = judge(predict, { kind: "choices", chosen: [1] });
    const text = drawJudgement({ quiz: predict, given: "two", judgement }, lookOf({ lang: "en" }));
    expect(text).toBe("   Your guess: two\n   No, because two.");
  });
});
