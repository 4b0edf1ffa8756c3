import { CancelledError, UserError } from "../../core/errors.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { openInEditor } from "../ui/editor.ts";
import { renderError } from "../ui/errors.ts";
import { renderMarkdown } from "../ui/markdown.ts";
import type { Look } from "../ui/terminal.ts";
import { renderVerdict } from "../ui/verdict.ts";
import type { ExerciseView } from "../watch/exercise-actions.ts";
import { lessonSqlPrompt } from "./lesson-sql.ts";
import type { Move } from "./move.ts";
import { runOnStage } from "./running.ts";
import { type BlockPlay, waitFor } from "./wait-for.ts";

/**
 * Copies the exercise out, says where it lies, and grades it on demand. `isShown`: the task stands on the
 * screen already, because the learner came back to the step.
 */
export async function playExercise(
  input: BlockPlay,
  exerciseId: string,
  { isShown = false }: { readonly isShown?: boolean } = {},
): Promise<Move> {
  const { play, stage } = input;
  const exercise = await play.exercises.open(exerciseId);
  if (!isShown) stage.add((look) => `\n${drawExercise(exercise, look)}`);
  return waitFor(
    input,
    [
      ["c", lessonTexts.keys.check],
      ["e", lessonTexts.keys.editor],
      ["h", lessonTexts.keys.hint],
      ["s", lessonTexts.keys.sql],
    ],
    {
      c: () => check(input, exercise),
      e: () => saying(input, () => stage.lend(() => openInEditor({ files: exercise.files, env: play.env }))),
      h: () => saying(input, () => hint(input, exercise)),
      s: () => stage.lend(() => lessonSqlPrompt(play, undefined)),
    },
  );
}

/** The task, where the file lies and what to type. */
export function drawExercise(exercise: ExerciseView, look: Look): string {
  const { lang, colors } = look;
  const { exercise: texts } = lessonTexts;
  const heading = `${texts.heading[lang]} ${exercise.name}: ${exercise.task.title}`;
  const facts: [string, string][] = [
    ...exercise.shownFiles.map((file): [string, string] => [texts.file[lang], file]),
    ...(exercise.hasTables
      ? [[texts.data[lang], `taller sql ${exercise.name}`] satisfies [string, string]]
      : []),
    [texts.check[lang], `taller check ${exercise.name}`],
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  const lines = [
    ` ${colors.bold.cyan(heading)}`,
    "",
    renderMarkdown(exercise.task.markdown, look, { indent: 1 }),
    "",
    ...facts.map(([label, value]) => `   ${label.padEnd(width)}  ${colors.bold(value)}`),
  ];
  return lines.join("\n");
}

async function check(input: BlockPlay, exercise: ExerciseView): Promise<void> {
  const { play, stage } = input;
  await saying(input, async () => {
    const verdict = await runOnStage(stage, {
      title: `${lessonTexts.checking[play.screen.lang]} ${exercise.name}`,
      signal: play.signal,
      work: (options) => play.exercises.grade(exercise.id, options),
    });
    stage.add(
      (look) =>
        `\n${renderVerdict({ verdict, task: exercise.task, name: exercise.name, files: exercise.shownFiles }, look)}`,
    );
  });
}

async function hint(input: BlockPlay, exercise: ExerciseView): Promise<void> {
  const given = await input.play.exercises.hint(exercise.id);
  const text = given?.markdown ?? exercise.task.hints.at(-1);
  if (text !== undefined) input.stage.add((look) => `\n${renderMarkdown(text, look, { indent: 3 })}`);
}

/** What the learner can mend is said in place; they stay where they are. */
async function saying(input: BlockPlay, work: () => Promise<void>): Promise<void> {
  const { play, stage } = input;
  try {
    await work();
  } catch (error) {
    if (error instanceof CancelledError && !play.signal.aborted)
      stage.add((look) => `   ${lessonTexts.stopped[look.lang]}`);
    else if (error instanceof UserError) stage.add((look) => `\n${renderError(error, look)}`);
    else throw error;
  }
}
