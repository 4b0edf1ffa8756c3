import { endPrestart, prestart } from "../../grading/kinds/open.ts";
import { warmUp } from "../../grading/warm-up.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { gradingRequest, type Learner, namedOrCurrent, openLearner } from "../learner.ts";
import type { ExerciseActions } from "../watch/exercise-actions.ts";
import { watchExercises } from "../watch/watch.ts";

/** `taller watch [exercise]`: the verdict in place, on every save. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const start = await namedOrCurrent(learner, input.args[0]);
  const ids = learner.course.modules.flatMap((module) => module.exercises.map((exercise) => exercise.id));
  const idle = idleWork(context, learner);
  try {
    return await watchExercises({
      screen: context.screen,
      exercises: idle.exercises,
      ids,
      start,
      env: context.env,
      signal: context.signal,
    });
  } finally {
    await idle.end();
  }
}

/**
 * Between two saves: the sandbox's next process is started ahead, and what a failing verdict compares with is
 * made once. A save stops it.
 */
function idleWork(
  context: CliContext,
  learner: Learner,
): { readonly exercises: ExerciseActions; end(): Promise<void> } {
  let running: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  const warmed = new Set<string>();
  const stop = async () => {
    running?.stop.abort();
    await running?.done;
    running = undefined;
  };
  const begin = (id: string): void => {
    const abort = new AbortController();
    const done = (async () => {
      const { exercise } = await learner.load(id);
      if (!warmed.has(id))
        await warmUp({ ...gradingRequest(context, learner, exercise), signal: abort.signal });
      warmed.add(id);
      await prestart(exercise.spec);
    })().catch(() => {
      // Nothing depends on it: a verdict makes what it needs, and says what goes wrong.
    });
    running = { stop: abort, done };
  };
  return {
    exercises: {
      ...learner,
      grade: async (id, options) => {
        await stop();
        const verdict = await learner.grade(id, options);
        begin(id);
        return verdict;
      },
    },
    end: async () => {
      // Sandboxed processes do not keep this one alive, and it must outlive them.
      const stayAlive = setInterval(() => {}, 1_000);
      await stop();
      await endPrestart();
      clearInterval(stayAlive);
    },
  };
}
