import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { namedOrCurrent, openLearner } from "../learner.ts";
import { renderMarkdown } from "../ui/markdown.ts";

/** `taller hint [exercise]`: the next of three, remembered; after the third, all of them again. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const id = await namedOrCurrent(learner, input.args[0]);
  await learner.open(id);
  const { task, name } = await learner.load(id);
  const given = await learner.hint(id);
  const level = given === undefined ? task.hints.length : given.index + 1;
  if (context.isJson) {
    context.result({ exercise: id, level, of: task.hints.length, text: task.hints[level - 1] });
    return 0;
  }
  const { lang } = context;
  context.print(
    lang === "es"
      ? ` ${name} · pista ${level} de ${task.hints.length}\n`
      : ` ${name} · hint ${level} of ${task.hints.length}\n`,
  );
  const shown = given === undefined ? task.hints : [given.markdown];
  for (const text of shown) context.print(`${renderMarkdown(text, context.screen.look(), { indent: 3 })}\n`);
  if (given === undefined)
    context.print(
      lang === "es"
        ? ` No hay más. La solución:  taller solution ${name}`
        : ` There are no more. The solution:  taller solution ${name}`,
    );
  return 0;
}
