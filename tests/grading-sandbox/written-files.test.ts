import { describe, expect, test } from "vitest";
import { defineExercise } from "../../src/grading/exercise.ts";
import { openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";
import { problemOf } from "./problem-of.ts";

const base = { version: 1, checks: [], starterFails: "", wrong: {} } as const;
const answers = defineExercise({ ...base, kind: "answers", files: ["answers.yaml"] });
const files = defineExercise({
  ...base,
  kind: "files",
  files: ["compose.yaml", "Dockerfile", "layout.json"],
});

async function answersOf(text: string): Promise<unknown> {
  const prepared = await prepareSubmission(answers, { "answers.yaml": text });
  return openSubmission({ spec: answers, prepared, inputs: {} }).handle.read();
}

async function filesOf(contents: Record<string, string>): Promise<unknown> {
  const prepared = await prepareSubmission(files, contents);
  return openSubmission({ spec: files, prepared, inputs: {} }).handle.read();
}

/** Nine lists, each of nine of the one before: a billion texts when it is unfolded. */
const laughs = ["a: &a [x, x, x, x, x, x, x, x, x]"]
  .concat(
    ..."bcdefghi".split("").map((name, i) => {
      const before = "abcdefghi"[i];
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`;
    }),
  )
  .join("\n");

describe("kind answers", () => {
  test("fields are read as YAML has them", async () => {
    expect(await answersOf("rows: 1_000\nshare: 0.25\nwhy: 'sí'\nlist: [1, 2]\nempty:\n")).toEqual({
      rows: "1_000",
      share: 0.25,
      why: "sí",
      list: [1, 2],
      empty: null,
    });
    expect(await answersOf("# nothing yet\n")).toEqual({});
  });

  test("a syntax error has its line and column", async () => {
    expect(await problemOf(answersOf("rows: 1\nshare: [1, 2\nwhy: x"))).toMatchObject({
      kind: "syntax",
      file: "answers.yaml",
      line: expect.any(Number),
      column: expect.any(Number),
    });
    expect(await problemOf(answersOf("- a list"))).toMatchObject({ kind: "syntax", line: 1 });
  });

  test("aliases that unfold to a billion are refused, and nothing in a file runs", async () => {
    expect(await problemOf(answersOf(laughs))).toMatchObject({ kind: "syntax" });
    const polluted = await answersOf("__proto__: { passed: true }\nx: !!js/function 'function () {}'");
    expect(Object.getPrototypeOf(polluted)).toBe(Object.prototype);
    expect(({} as { passed?: boolean }).passed).toBeUndefined();
  });
});

describe("kind files", () => {
  const right = {
    "compose.yaml": "a: 1\n---\nb: 2\n",
    Dockerfile: "FROM node:24\n",
    "layout.json": '{"by": ["source"]}',
  };

  test("YAML gives its documents, JSON its one, another file its text", async () => {
    expect(await filesOf(right)).toEqual({
      "compose.yaml": { text: right["compose.yaml"], documents: [{ a: 1 }, { b: 2 }] },
      Dockerfile: { text: right.Dockerfile, documents: [] },
      "layout.json": { text: right["layout.json"], documents: [{ by: ["source"] }] },
    });
  });

  test("a file that is missing, is no text, or has a syntax error is named", async () => {
    const { Dockerfile: _, ...missing } = right;
    expect(await problemOf(filesOf(missing))).toEqual({ kind: "missing-file", file: "Dockerfile" });
    expect(await problemOf(filesOf({ ...right, Dockerfile: "FROM\0" }))).toEqual({
      kind: "not-text",
      file: "Dockerfile",
    });
    expect(await problemOf(filesOf({ ...right, "layout.json": '{\n  "by": [}' }))).toMatchObject({
      kind: "syntax",
      file: "layout.json",
      line: 2,
    });
    expect(await problemOf(filesOf({ ...right, "compose.yaml": laughs }))).toMatchObject({ kind: "syntax" });
  });
});
