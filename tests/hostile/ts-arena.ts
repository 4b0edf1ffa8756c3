import { verbatim } from "../../src/core/text.ts";
import { defineExercise } from "../../src/grading/exercise.ts";
import type { Arena } from "./containment.ts";

const DEFAULT_LIMITS = { timeMs: 20_000, memoryMb: 256, diskMb: 8 };

/** Kind `ts`: `answer(world)` has to give 42. */
export const tsArena: Arena = {
  spec: ({ limits }, target) =>
    defineExercise({
      kind: "ts",
      version: 1,
      files: ["answer.ts"],
      exports: ["answer"],
      limits: { ...DEFAULT_LIMITS, ...limits },
      checks: [
        {
          kind: "custom",
          id: "answer",
          run: async ({ submission }) => {
            const given = await submission.call("answer", target);
            return given === 42
              ? { passed: true }
              : { passed: false, reason: { kind: "said", text: verbatim(JSON.stringify(given) ?? "") } };
          },
        },
      ],
      starterFails: "answer",
      wrong: {},
    }),
  files: (source) => ({ "answer.ts": asFile(source) }),
  solution: "return 42;",
};

function asFile(source: string): string {
  if (/^\s*export /m.test(source)) return source;
  return `export async function answer(world: any): Promise<unknown> {\n${source}\n}\n`;
}
