import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import type { Block, Quiz } from "../../src/course/course.ts";
import { parseLesson } from "../../src/course/lesson-markdown.ts";

const HEAD = `---
title: Toy
summary: Count.
level: beginner
minutes: 5
---
`;

function blocksOf(body: string): readonly Block[] {
  return parseLesson(`${HEAD}## A step {#a}\n${body}`, "lesson.en.md").steps[0]?.blocks ?? [];
}

function quizOf(info: string, body: string): Quiz {
  const [block] = blocksOf(`\`\`\`quiz ${info}\n${body}\n\`\`\`\n`);
  if (block?.kind !== "quiz") throw new Error("no quiz was read");
  return block.quiz;
}

test("a lesson is steps of prose and live blocks, each with its line", () => {
  const lesson = parseLesson(
    `${HEAD}
## First {#first}

Some *prose*.

- a list

\`\`\`sql
SELECT 1
\`\`\`

\`\`\`run sql=count.sql view=chart x="the x" rows=5 label=simulated source=hidden
\`\`\`

## Second {#second}

\`\`\`run pipeline=etl step=clean rows=100
\`\`\`

\`\`\`show file=pipelines/etl.ts from=3 to=9
\`\`\`

\`\`\`exercise clean
\`\`\`

\`\`\`try id=peek
SELECT 1 AS one
\`\`\`
`,
    "lesson.en.md",
  );

  expect(lesson.steps.map(({ id, title, line }) => ({ id, title, line }))).toEqual([
    { id: "first", title: "First", line: 8 },
    { id: "second", title: "Second", line: 21 },
  ]);
  expect(lesson.steps[0]?.blocks).toEqual([
    { kind: "prose", markdown: "Some *prose*.\n\n- a list\n\n```sql\nSELECT 1\n```\n\n" },
    {
      kind: "run",
      line: 18,
      what: "sql",
      file: "count.sql",
      view: "chart",
      x: "the x",
      maxRows: 5,
      isSourceHidden: true,
      label: "simulated",
    },
  ]);
  expect(lesson.steps[1]?.blocks).toEqual([
    { kind: "run", line: 23, what: "pipeline", pipeline: "etl", step: "clean", options: { rows: "100" } },
    { kind: "show", line: 26, file: "pipelines/etl.ts", from: 3, to: 9 },
    { kind: "exercise", line: 29, exercise: "clean" },
    { kind: "try", line: 32, id: "peek", sample: "SELECT 1 AS one" },
  ]);
});

test("choices of a quiz carry their own explanations", () => {
  const quiz = quizOf(
    "kind=predict id=open-quote",
    "How many rows?\n\n- 199 999 :: Expected.\n- [x] Far fewer :: Yes,\n  look.\n- [ ] None :: No.",
  );

  expect(quiz).toEqual({
    id: "open-quote",
    kind: "predict",
    question: "How many rows?",
    choices: [
      { text: "199 999", isRight: false, explanation: "Expected." },
      { text: "Far fewer", isRight: true, explanation: "Yes, look." },
      { text: "None", isRight: false, explanation: "No." },
    ],
  });
});

test("a number quiz has a tolerance, a unit, and answers to particular wrong numbers", () => {
  const quiz = quizOf(
    "kind=number id=files",
    "How many files?\n= 39050 ± 10 files :: One each.\n~ 4 :: That is the column's.",
  );

  expect(quiz).toMatchObject({
    answer: 39050,
    tolerance: 10,
    unit: "files",
    explanation: "One each.",
    near: [{ value: 4, explanation: "That is the column's." }],
  });
});

test("an order quiz lists its items in the right order", () => {
  const quiz = quizOf("kind=order id=way", "Which first?\n1. read\n2. clean\n> Reading comes first.");

  expect(quiz).toMatchObject({ items: ["read", "clean"], explanation: "Reading comes first." });
});

test.each<[string, string, number]>([
  ["an unknown key", "```run sql=a.sql colour=red\n```", 8],
  ["an unknown view", "```run sql=a.sql view=pie\n```", 8],
  ["a body in a run", "```run sql=a.sql\nSELECT 1\n```", 9],
  ["a key given twice", "```run sql=a.sql sql=b.sql\n```", 8],
  ["a path out of the module", "```show file=../secret\n```", 8],
  ["a quiz without a right choice", "```quiz kind=single id=q\nWhat?\n- a :: b\n- c :: d\n```", 8],
  ["a quiz with two right choices", "```quiz kind=single id=q\nWhat?\n- [x] a :: b\n- [x] c :: d\n```", 8],
  ["a choice without explanation", "```quiz kind=single id=q\nWhat?\n- [x] a :: b\n- c\n```", 11],
  ["a number that is no number", "```quiz kind=number id=q\nWhat?\n= many :: b\n```", 10],
  ["a near number that is right", "```quiz kind=number id=q\nWhat?\n= 4 ± 1 :: b\n~ 5 :: c\n```", 11],
  ["order items out of order", "```quiz kind=order id=q\nWhat?\n2. a\n1. b\n> c\n```", 10],
  ["a heading without an id", "text\n\n## No id", 10],
  ["a live fence in a list", "- item\n\n  ```exercise clean\n  ```", 8],
  ["a quiz id that stands twice", "```try id=a\nx\n```\n\n```try id=a\nx\n```", 12],
])("%s is refused at its line", (_name, body, line) => {
  expect(() => blocksOf(body)).toThrow(expect.objectContaining({ where: `lesson.en.md:${line}` }));
});

test("an unknown key of the front matter is refused at its line", () => {
  const text = HEAD.replace("minutes: 5", "minutes: 5\nduration: 3");

  expect(() => parseLesson(`${text}## A {#a}\n`, "x.md")).toThrow(
    expect.objectContaining({ where: "x.md:6", message: expect.stringContaining("duration") }),
  );
});

test("no text makes the parser fail but with a place to mend", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "## A {#a}\n",
      "```quiz kind=order id=a\n",
      "```run sql=a.sql\n",
      "```\n",
      "- [x] a :: b\n",
      "1. a\n",
      "> b\n",
      "= 4 :: c\n",
      "\r\n",
      "\t",
      "  ",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      try {
        const lesson = parseLesson(HEAD + pieces.join(""), "x.md");
        expect(lesson.steps.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect(error).toMatchObject({ where: expect.stringMatching(/^x\.md:\d+$/) });
      }
    }),
    { numRuns: 300 },
  );
});

test("every line of a lesson is in a step's prose, a heading or a live block: nothing is lost", () => {
  const line = fc.constantFrom(
    "plain",
    "- item",
    "1. one",
    "> quoted",
    "",
    "| a | b |",
    "|---|---|",
    "    code",
    "### small",
    "<b>html</b>",
    "[a]: http://b",
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
      const body = `${lines.join("\n")}\n\n\`\`\`exercise last\n\`\`\`\n`;
      const blocks = blocksOf(body);
      const prose = blocks.map((block) => (block.kind === "prose" ? block.markdown : "")).join("");
      const live = blocks.at(-1);
      expect(prose.split("\n").filter((text) => text.trim() !== "")).toEqual(
        lines.filter((text) => text.trim() !== ""),
      );
      expect(live).toMatchObject({ kind: "exercise", line: 8 + lines.length + 1 });
    }),
    { numRuns: 200 },
  );
});
