import { defineExercise } from "../../src/grading/exercise.ts";
import type { Arena } from "./containment.ts";

const DEFAULT_LIMITS = { timeMs: 20_000, memoryMb: 256, diskMb: 8 };

/** Kind `router`: `POST /answer` with the target has to give `{"answer": 42}`. */
export const routerArena: Arena = {
  spec: ({ limits }, target) =>
    defineExercise({
      kind: "router",
      version: 1,
      files: ["api.ts"],
      limits: { ...DEFAULT_LIMITS, ...limits },
      checks: [
        {
          kind: "value",
          id: "answer",
          name: "answer",
          actual: async ({ submission }) => {
            const { text } = await submission.request({ method: "POST", path: "/answer", body: target });
            return text.slice(0, 200);
          },
          expected: async () => '{"answer":42}',
        },
      ],
      starterFails: "answer",
      wrong: {},
    }),
  files: (source) => ({ "api.ts": asFile(source) }),
  solution: "return 42;",
};

function asFile(source: string): string {
  if (/^\s*export /m.test(source)) return source;
  return `import express, { Router } from "express";
const router = Router();
router.use(express.json());
router.post("/answer", async (request, response) => {
  const world = request.body;
  const answer = await (async (): Promise<unknown> => { ${source} })();
  if (!response.headersSent) response.json({ answer });
});
export default router;
`;
}
