import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, namedOrCurrent, openLearner } from "../learner.ts";
import { languageOf } from "../ui/highlight.ts";
import { renderCode } from "../ui/markdown.ts";
import { confirm } from "../ui/prompts.ts";

/** `taller solution [exercise]`: after a pass, or when confirmed; before a pass it marks the exercise. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const id = await namedOrCurrent(learner, input.args[0]);
  if (!(await mayShow(context, learner, { id, isYes: input.options.yes === true }))) return 0;
  const files = await learner.solution(id);
  if (context.isJson) {
    context.result({ exercise: id, files });
    return 0;
  }
  for (const [name, text] of Object.entries(files)) {
    context.print(` ${name}\n`);
    context.print(
      renderCode(text.trimEnd(), languageOf(name), context.screen.look())
        .map((line) => `   ${line}`)
        .join("\n"),
    );
    context.print();
  }
  return 0;
}

/** Asks where it may; without a terminal `--yes` must say it. */
export async function mayShow(
  context: CliContext,
  learner: Learner,
  asked: { readonly id: string; readonly isYes: boolean },
): Promise<boolean> {
  if (asked.isYes || (await learner.maySeeSolution(asked.id))) return true;
  const answer = await confirm(context.screen, {
    message: {
      es: `Aún no has superado ${asked.id}. Si la ves, quedará como «superado con solución». ¿La enseño?`,
      en: `You have not passed ${asked.id} yet. If you look, it will count as "passed with solution". Show it?`,
    },
    default: false,
  });
  if (answer !== undefined) return answer;
  throw new UserError({
    fault: "usage",
    code: "not-confirmed",
    what: { es: `Aún no has pasado ${asked.id}.`, en: `You have not passed ${asked.id} yet.` },
    next: [
      { es: `una pista:  taller hint ${asked.id}`, en: `a hint:  taller hint ${asked.id}` },
      { es: "verla de todos modos:  añade --yes", en: "see it all the same:  add --yes" },
      verbatim(`taller check ${asked.id}`),
    ],
  });
}
