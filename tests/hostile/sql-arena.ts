import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { defineExercise } from "../../src/grading/exercise.ts";
import type { Arena } from "./containment.ts";
import type { Target } from "./world.ts";

const DEFAULT_LIMITS = { timeMs: 20_000, memoryMb: 256, diskMb: 8 };

/** Kind `sql`: one row, `answer` = 42. `{canary}` and the other names of the target stand for their values. */
export const sqlArena: Arena = {
  spec: ({ limits }) =>
    defineExercise({
      kind: "sql",
      version: 1,
      files: ["answer.sql"],
      inputs: {
        numbers: {
          generate: () =>
            tableFromRows(
              fieldsOf({ x: { kind: "int32" } }),
              Array.from({ length: 43 }, (_, x) => ({ x })),
            ),
        },
      },
      limits: { ...DEFAULT_LIMITS, ...limits },
      checks: [{ kind: "rows", id: "rows", key: ["answer"] }],
      starterFails: "rows",
      wrong: {},
    }),
  files: (source, target) => ({ "answer.sql": filledIn(source, target) }),
  solution: "SELECT max(x) AS answer FROM numbers",
};

function filledIn(source: string, target: Target): string {
  return Object.entries(target).reduce(
    (text, [name, value]) => text.replaceAll(`{${name}}`, String(value)),
    source,
  );
}
