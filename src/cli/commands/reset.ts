import { inspectExercise } from "../../course/exercise-files.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { namedOrCurrent, openLearner } from "../learner.ts";

/** `taller reset [exercise] [--undo]`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const id = await namedOrCurrent(learner, input.args[0]);
  const { lang } = context;
  if (input.options.undo === true) {
    await learner.undo(id);
    if (context.isJson) context.result({ exercise: id, restored: true });
    context.print(lang === "es" ? ` ${id}: has recuperado lo que tenías.` : ` ${id}: what you had is back.`);
    return 0;
  }
  const { module, exercise } = await learner.load(id);
  const { isTaskChanged } = await inspectExercise(learner.workspace, module, exercise);
  const { backup } = await learner.reset(id);
  if (context.isJson) context.result({ exercise: id, backup, isBeside: isTaskChanged });
  if (isTaskChanged)
    context.print(
      lang === "es"
        ? ` ${id}: la tarea ha cambiado. El nuevo punto de partida está junto a tu fichero (.new).`
        : ` ${id}: the task has changed. The new starting file lies beside yours (.new).`,
    );
  else if (backup === undefined)
    context.print(lang === "es" ? ` ${id}: como al principio.` : ` ${id}: as at the start.`);
  else
    context.print(
      lang === "es"
        ? ` ${id}: como al principio. Lo tuyo está guardado:\n   ${backup}\n   taller reset ${id} --undo`
        : ` ${id}: as at the start. Yours is kept:\n   ${backup}\n   taller reset ${id} --undo`,
    );
  return 0;
}
