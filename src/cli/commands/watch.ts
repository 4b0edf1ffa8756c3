import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { namedOrCurrent, openLearner } from "../learner.ts";
import { watchExercises } from "../watch/watch.ts";

/** `taller watch [exercise]`: the verdict in place, on every save. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const start = await namedOrCurrent(learner, input.args[0]);
  const ids = learner.course.modules.flatMap((module) => module.exercises.map((exercise) => exercise.id));
  return watchExercises({
    screen: context.screen,
    exercises: learner,
    ids,
    start,
    env: context.env,
    signal: context.signal,
  });
}
