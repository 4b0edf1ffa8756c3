import { CancelledError, messageOf, UserError } from "../../core/errors.ts";
import type { Block, LessonStep } from "../../course/course.ts";
import { runBlock, runTry } from "../../course/run-block.ts";
import { readExcerpt } from "../../course/source-excerpt.ts";
import { SqlError } from "../../engines/engine.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { renderError } from "../ui/errors.ts";
import { renderMarkdown } from "../ui/markdown.ts";
import { type ProgressRenderer, progressRenderer } from "../ui/progress.ts";
import { oneLine } from "../ui/safe-text.ts";
import { renderVerdict } from "../ui/verdict.ts";
import { drawHeading, drawResult, drawSource } from "./draw-block.ts";
import { drawWholeQuiz } from "./draw-quiz.ts";
import type { LessonOutcome, LessonPlay } from "./lesson-play.ts";
import { drawExercise } from "./play-exercise.ts";
import type { StepRange } from "./player.ts";
import { sourceOf } from "./run-source.ts";

/**
 * The whole lesson, printed: every block is run. A block that fails is named, the others still run, and the
 * exit code says so (1 data, 3 environment). Nothing is asked and no progress is written.
 */
export async function printLesson(play: LessonPlay, range: StepRange): Promise<LessonOutcome> {
  const { screen, lesson } = play;
  const progress = progressRenderer(screen);
  const failures: Failed[] = [];
  try {
    for (const [index, step] of lesson.steps.entries()) {
      if (index < range.first || index > range.last) continue;
      const place = { module: play.session.module, lesson, step, index };
      screen.print(`${index === range.first ? "" : "\n"}${drawHeading(place, screen.look())}`);
      for (const block of step.blocks) await printSafely({ play, progress, step, block, failures });
    }
  } finally {
    progress.close();
  }
  sayFailures(play, failures);
  return {
    exitCode: Math.max(0, ...failures.map((failure) => failure.exitCode)),
    isFinished: true,
    step: lesson.steps[range.last]?.id ?? "",
  };
}

interface Failed {
  readonly place: string;
  readonly message: string;
  readonly exitCode: number;
}

interface BlockPrint {
  readonly play: LessonPlay;
  readonly progress: ProgressRenderer;
  readonly step: LessonStep;
  readonly block: Block;
  readonly failures: Failed[];
}

async function printSafely(input: BlockPrint): Promise<void> {
  const { play, step, block, failures, progress } = input;
  const { screen } = play;
  try {
    screen.print();
    await printBlock(input);
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    // Anything else is our bug: it is not a lesson's to explain.
    if (!(error instanceof UserError) && !(error instanceof SqlError)) throw error;
    progress.clear();
    const line = "line" in block ? block.line : step.line;
    const place = lessonTexts.blockAt[screen.lang](step.id, block.kind, line);
    const message = error instanceof UserError ? oneLine(error.what[screen.lang]) : oneLine(messageOf(error));
    failures.push({ place, message, exitCode: exitCodeOf(error) });
    const look = screen.look();
    screen.print(error instanceof UserError ? renderError(error, look) : ` SQL: ${message}`);
  }
}

async function printBlock(input: BlockPrint): Promise<void> {
  const { play, progress, block } = input;
  const { screen, session, signal } = play;
  const options = { signal, emit: progress.emit };
  switch (block.kind) {
    case "prose":
      screen.print(renderMarkdown(block.markdown, screen.look(), { indent: 1 }));
      return;
    case "show":
      screen.print(drawSource(await readExcerpt(session.module, block), screen.look()));
      return;
    case "run": {
      const source = await sourceOf(session.module, block);
      if (source !== undefined) screen.print(drawSource(source, screen.look()));
      const result = await runBlock(session, block, options);
      progress.clear();
      screen.print(`\n${drawResult(result, screen.look())}`);
      return;
    }
    case "quiz":
      screen.print(drawWholeQuiz(block.quiz, screen.look()));
      return;
    case "exercise":
      await printExercise(input, block.exercise);
      return;
    case "try": {
      const look = screen.look();
      screen.print(`   ${look.colors.bold(lessonTexts.tryIt.heading[look.lang])}`);
      screen.print(renderMarkdown(`\`\`\`sql\n${block.sample}\n\`\`\``, look, { indent: 3 }));
      const result = await runTry(session, block.sample, options);
      progress.clear();
      screen.print(`\n${drawResult(result, screen.look())}`);
      return;
    }
  }
}

/** Task and path; graded only when the learner has begun it. */
async function printExercise(input: BlockPrint, exerciseId: string): Promise<void> {
  const { play, progress } = input;
  const { screen, exercises, signal } = play;
  const exercise = await exercises.view(exerciseId);
  screen.print(drawExercise(exercise, screen.look()));
  if (!exercise.isThere) return;
  progress.start(`${lessonTexts.checking[screen.lang]} ${exercise.name}`);
  const verdict = await exercises.grade(exercise.id, { signal, emit: progress.emit });
  progress.clear();
  const view = { verdict, task: exercise.task, name: exercise.name, files: exercise.shownFiles };
  screen.print(`\n${renderVerdict(view, screen.look())}`);
}

function exitCodeOf(error: UserError | SqlError): number {
  if (error instanceof SqlError) return 1;
  return { data: 1, usage: 2, environment: 3, limit: 1 }[error.fault];
}

function sayFailures(play: LessonPlay, failures: readonly Failed[]): void {
  const { screen } = play;
  if (failures.length === 0) return;
  screen.note("");
  screen.note(` ${lessonTexts.failed[screen.lang](failures.length)}`);
  for (const failure of failures) {
    screen.note(`   ${failure.place}`);
    screen.note(`     ${failure.message}`);
  }
}
