import { stat } from "node:fs/promises";
import { inspectExercise, listBackups } from "../../course/exercise-files.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, namedOrCurrent, openLearner } from "../learner.ts";

/** `taller reset [exercise] [--undo]`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const isUndo = input.options.undo === true;
  const id =
    (isUndo && input.args[0] === undefined ? await lastReset(learner) : undefined) ??
    (await namedOrCurrent(learner, input.args[0]));
  const { lang } = context;
  if (isUndo) {
    await learner.undo(id);
    const { exercise, module, name } = await learner.load(id);
    const isStarter = (await inspectExercise(learner.workspace, module, exercise)).state === "untouched";
    if (context.isJson) context.result({ exercise: id, restored: true });
    const back = { es: "has recuperado lo que tenías.", en: "what you had is back." };
    const start = {
      es: `vuelve a ser el fichero de partida. Lo tuyo:  taller reset ${name} --undo`,
      en: `it is the starting file again. Yours:  taller reset ${name} --undo`,
    };
    context.print(` ${name}: ${(isStarter ? start : back)[lang]}`);
    return 0;
  }
  const { module, exercise, name } = await learner.load(id);
  const { isTaskChanged } = await inspectExercise(learner.workspace, module, exercise);
  const { backup } = await learner.reset(id);
  if (context.isJson) context.result({ exercise: id, backup, isBeside: isTaskChanged });
  if (isTaskChanged)
    context.print(
      lang === "es"
        ? ` ${name}: la tarea ha cambiado. El nuevo punto de partida está junto a tu fichero (.new).`
        : ` ${name}: the task has changed. The new starting file lies beside yours (.new).`,
    );
  else if (backup === undefined)
    context.print(lang === "es" ? ` ${name}: como al principio.` : ` ${name}: as at the start.`);
  else
    context.print(
      lang === "es"
        ? ` ${name}: como al principio. Lo tuyo está guardado:\n   ${backup}\n   taller reset ${name} --undo`
        : ` ${name}: as at the start. Yours is kept:\n   ${backup}\n   taller reset ${name} --undo`,
    );
  return 0;
}

/** The exercise whose backup is the newest: what `reset --undo` means when it names none. */
async function lastReset(learner: Learner): Promise<string | undefined> {
  const found: { id: string; time: number }[] = [];
  for (const module of learner.course.modules) {
    for (const folder of module.exercises) {
      const { exercise } = await learner.load(folder.id);
      const [newest] = await listBackups(learner.workspace, exercise);
      if (newest !== undefined) found.push({ id: folder.id, time: (await stat(newest)).mtimeMs });
    }
  }
  return found.sort((a, b) => b.time - a.time)[0]?.id;
}
