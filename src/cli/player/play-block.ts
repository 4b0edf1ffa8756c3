import { CancelledError, UserError } from "../../core/errors.ts";
import type { RunBlock } from "../../course/course.ts";
import { type BlockResult, runBlock } from "../../course/run-block.ts";
import { readExcerpt } from "../../course/source-excerpt.ts";
import { SqlError } from "../../engines/engine.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { renderError } from "../ui/errors.ts";
import { renderMarkdown } from "../ui/markdown.ts";
import { askQuiz } from "./ask-quiz.ts";
import { drawResult, drawSource } from "./draw-block.ts";
import type { LessonPlay } from "./lesson-play.ts";
import { lessonSqlPrompt } from "./lesson-sql.ts";
import type { Move } from "./move.ts";
import { playExercise } from "./play-exercise.ts";
import { sourceOf } from "./run-source.ts";
import { runOnStage } from "./running.ts";
import { type BlockPlay, waitFor } from "./wait-for.ts";

/** Plays one block; `next` when the step goes on. */
export async function playBlock(input: BlockPlay): Promise<Move> {
  const { play, stage, block } = input;
  switch (block.kind) {
    case "prose":
      stage.add((look) => `\n${renderMarkdown(block.markdown, look, { indent: 1 })}`);
      return "next";
    case "show": {
      const source = await readExcerpt(play.session.module, block);
      stage.add((look) => `\n${drawSource(source, look)}`);
      return "next";
    }
    case "run":
      return playRun(input, block);
    case "quiz": {
      const { id } = block.quiz;
      return askQuiz({
        stage,
        quiz: block.quiz,
        signal: play.signal,
        onAnswer: ({ said, isRight }) => play.progress.answered({ quiz: id, answer: said, isRight }),
      });
    }
    case "exercise":
      return playExercise(input, block.exercise);
    case "try":
      return playTry(input, block.sample);
  }
}

/** Shows the source, waits for enter, runs, shows the result. After a failure it can be run again. */
async function playRun(input: BlockPlay, block: RunBlock): Promise<Move> {
  const { play, stage } = input;
  const source = await sourceOf(play.session.module, block);
  if (source !== undefined) stage.add((look) => `\n${drawSource(source, look)}`);
  for (;;) {
    const move = await waitFor(input, [["enter", lessonTexts.keys.run]]);
    if (move !== "next") return move;
    const result = await tryRun(input, block);
    if (result === undefined) continue;
    stage.add((look) => `\n${drawResult(result, look)}`);
    return "next";
  }
}

/** The result; undefined when it was stopped or failed, and the stage says so. */
async function tryRun(input: BlockPlay, block: RunBlock): Promise<BlockResult | undefined> {
  const { play, stage } = input;
  try {
    return await runOnStage(stage, {
      title: lessonTexts.running[play.screen.lang],
      signal: play.signal,
      work: (options) => runBlock(play.session, block, options),
    });
  } catch (error) {
    if (error instanceof CancelledError && !play.signal.aborted)
      stage.add((look) => `   ${lessonTexts.stopped[look.lang]}`);
    else if (error instanceof UserError) stage.add((look) => `\n${renderError(error, look)}`);
    else if (error instanceof SqlError)
      stage.add((look) => `\n   ${look.colors.red("SQL")} ${error.message}`);
    else throw error;
    return undefined;
  }
}

async function playTry(input: BlockPlay, sample: string): Promise<Move> {
  const { play, stage } = input;
  stage.add((look) => {
    const heading = look.colors.bold.cyan(lessonTexts.tryIt.heading[look.lang]);
    const inner = { ...look, columns: look.columns - 3 };
    const code = renderMarkdown(`\`\`\`sql\n${sample}\n\`\`\``, inner, { indent: 3 });
    return `\n   ${heading}\n   ${lessonTexts.tryIt.sample[look.lang]}\n${code}`;
  });
  return waitFor(input, [["s", lessonTexts.keys.sql]], {
    s: () => stage.lend(() => openSqlPrompt(play, sample)),
  });
}

/** Opens the prompt on the lesson's tables, in cooked mode. */
export async function openSqlPrompt(play: LessonPlay, sample?: string): Promise<void> {
  play.screen.print();
  await lessonSqlPrompt(play, sample);
}
