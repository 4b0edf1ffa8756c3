import type { LoadedExercise, Module, Task } from "../../src/course/course.ts";

/** An exercise of one file that lies nowhere: for what only looks at names and contents. */
export function tinyExercise(): { module: Module; exercise: LoadedExercise; task: Task } {
  const folder = { id: "tiny/a", number: 1, slug: "a", dir: "/course/01-tiny/exercises/1-a" };
  const module: Module = {
    number: "01",
    slug: "tiny",
    dir: "/course/01-tiny",
    title: { es: "Mínimo", en: "Tiny" },
    level: "beginner",
    state: "ready",
    exercises: [folder],
    pipelines: [],
    lessonPaths: undefined,
    cheatsheetPaths: undefined,
  };
  const exercise: LoadedExercise = {
    folder,
    spec: {
      kind: "sql",
      version: 1,
      files: ["a.sql"],
      checks: [{ kind: "schema", id: "schema" }],
      starterFails: "schema",
      wrong: {},
    },
    starter: { "a.sql": "-- starter\n" },
    solution: { "a.sql": "SELECT 1 AS one\n" },
    right: {},
    wrong: {},
  };
  const task: Task = { title: "A", markdown: "Write one.", hints: ["1", "2", "3"], checks: {}, mistakes: {} };
  return { module, exercise, task };
}
