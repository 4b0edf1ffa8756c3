import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { namedOrCurrent, openLearner } from "../learner.ts";
import { renderDiff } from "../ui/diff.ts";
import { mayShow } from "./solution.ts";

/** `taller diff [exercise]`: mine against the solution, under the rules of `solution`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const id = await namedOrCurrent(learner, input.args[0]);
  await learner.open(id);
  if (!(await mayShow(context, learner, { id, isYes: input.options.yes === true }))) return 0;
  const patch = await learner.diff(id);
  if (context.isJson) {
    context.result({ exercise: id, diff: patch ?? "" });
    return 0;
  }
  if (patch === undefined)
    context.print(context.lang === "es" ? " Es igual que la solución." : " It is the same as the solution.");
  else context.print(renderDiff(patch, context.screen.look()));
  return 0;
}
