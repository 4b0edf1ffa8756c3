import { CancelledError } from "../../core/errors.ts";
import type { LessonStep } from "../../course/course.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { renderMenu } from "../ui/menu.ts";
import { openStage, type Part, type Stage } from "../ui/stage.ts";
import { drawHeading } from "./draw-block.ts";
import type { LessonOutcome, LessonPlay } from "./lesson-play.ts";
import { type Move, moveOf } from "./move.ts";
import { openSqlPrompt, playBlock } from "./play-block.ts";
import { playExercise } from "./play-exercise.ts";
import type { StepRange } from "./player.ts";

/**
 * The lesson on a terminal. The step where the learner is is saved as it begins, so any end (q, Ctrl-C, a
 * closed window) loses nothing.
 */
export async function stepThrough(play: LessonPlay, range: StepRange): Promise<LessonOutcome> {
  const stage = openStage(play.screen);
  // A step gone back to is shown as it was played.
  const played = new Map<number, readonly Part[]>();
  let index = range.start;
  const outcome = (isFinished: boolean): LessonOutcome => ({
    exitCode: 0,
    isFinished,
    step: play.lesson.steps[index]?.id ?? "",
  });
  try {
    for (;;) {
      const step = play.lesson.steps[index];
      if (step === undefined) return outcome(true);
      await play.progress.entered(step.id);
      const move = await playStep({ play, stage, step, index, range, shown: played.get(index) });
      if (move === "leave") break;
      if (move === "repeat") {
        played.delete(index);
        continue;
      }
      if (move === "back") {
        index = Math.max(range.first, index - 1);
        continue;
      }
      played.set(index, [...stage.parts()]);
      if (index === range.last) {
        stage.close();
        sayFinished(play, range);
        return outcome(true);
      }
      index++;
    }
    stage.close();
    play.screen.print(` ${lessonTexts.left[play.screen.lang](play.lesson.steps[index]?.title ?? "")}`);
    return outcome(false);
  } catch (error) {
    stage.close();
    if (!(error instanceof CancelledError)) throw error;
    play.screen.print(` ${lessonTexts.left[play.screen.lang](play.lesson.steps[index]?.title ?? "")}`);
    throw error;
  }
}

interface StepPlay {
  readonly play: LessonPlay;
  readonly stage: Stage;
  readonly step: LessonStep;
  readonly index: number;
  readonly range: StepRange;
  readonly shown: readonly Part[] | undefined;
}

async function playStep(input: StepPlay): Promise<Move> {
  const { play, stage, step, index, shown } = input;
  stage.clear();
  // A step that ends in an exercise waits there: one enter too many must not take the keys away that grade it.
  const last = step.blocks.at(-1);
  if (shown !== undefined) {
    for (const part of shown) stage.add(part);
    return last?.kind === "exercise"
      ? playExercise({ play, stage, block: last, next: undefined }, last.exercise, { isShown: true })
      : waitAtEnd(input);
  }
  const place = { module: play.session.module, lesson: play.lesson, step, index };
  stage.add((look) => drawHeading(place, look));
  for (const [position, block] of step.blocks.entries()) {
    const move = await playBlock({ play, stage, block, next: step.blocks[position + 1] });
    if (move !== "next") return move;
  }
  return last?.kind === "exercise" ? "next" : waitAtEnd(input);
}

async function waitAtEnd(input: StepPlay): Promise<Move> {
  const { play, stage, index, range } = input;
  const { keys } = lessonTexts;
  const isLast = index === range.last;
  stage.live((look) => {
    const items = [
      { key: "enter", label: (isLast ? keys.finish : keys.next)[look.lang] },
      ...(index > range.first ? [{ key: "b", label: keys.back[look.lang] }] : []),
      { key: "r", label: keys.repeat[look.lang] },
      { key: "s", label: keys.sql[look.lang] },
      { key: "q", label: keys.leave[look.lang] },
    ];
    return `\n${renderMenu(items, look)}`;
  });
  for (;;) {
    const key = await stage.keys.next(play.signal);
    if (key.name === "s") await stage.lend(() => openSqlPrompt(play));
    const move = moveOf(key);
    if (move !== undefined) return move;
  }
}

function sayFinished(play: LessonPlay, range: StepRange): void {
  if (range.first === range.last && play.lesson.steps.length > 1) return;
  const { screen, lesson, session } = play;
  const look = screen.look();
  screen.print(`\n ${look.colors.bold(lessonTexts.finished[screen.lang](lesson.title))}`);
  const { number } = session.module;
  screen.print(` taller next   ·   taller check ${number}/…   ·   taller sql ${number}`);
}
