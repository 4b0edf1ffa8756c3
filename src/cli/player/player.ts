import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { Lesson } from "../../course/course.ts";
import { lessonTexts } from "../texts/lesson.ts";
import type { LessonOutcome, LessonPlay } from "./lesson-play.ts";
import { printLesson } from "./print-lesson.ts";
import { stepThrough } from "./step-through.ts";

/**
 * Plays a lesson: step by step where both ends are a terminal, printed whole (every block run, nothing asked,
 * nothing remembered) where they are not. Throws a UserError for a step that is not there.
 */
export async function playLesson(play: LessonPlay): Promise<LessonOutcome> {
  const range = stepRange(play);
  return isStepped(play) ? stepThrough(play, range) : printLesson(play, range);
}

/** Keys can be read and somebody sees the answer; `--plain` only means that nothing is drawn over. */
export function isStepped({ screen }: Pick<LessonPlay, "screen">): boolean {
  return screen.canReadKeys && screen.streams.stdout.isTTY === true;
}

/** Positions of steps: `first`…`last` are played, at `start` it begins. */
export interface StepRange {
  readonly first: number;
  readonly last: number;
  readonly start: number;
}

function stepRange(play: LessonPlay): StepRange {
  const { lesson } = play;
  const last = lesson.steps.length - 1;
  if (play.step !== undefined) {
    const only = positionOf(lesson, play.step);
    return { first: only, last: only, start: only };
  }
  if (play.from !== undefined) {
    const from = positionOf(lesson, play.from);
    return isStepped(play) ? { first: 0, last, start: from } : { first: from, last, start: from };
  }
  if (!isStepped(play)) return { first: 0, last, start: 0 };
  // A step that a new version of the lesson no longer has: from the start.
  const resumed = lesson.steps.findIndex((step) => step.id === play.progress.resumeAt);
  return { first: 0, last, start: Math.max(0, resumed) };
}

/** By id, or by its number from 1. */
function positionOf(lesson: Lesson, named: string): number {
  const byId = lesson.steps.findIndex((step) => step.id === named);
  if (byId >= 0) return byId;
  const number = Number(named);
  if (Number.isInteger(number) && number >= 1 && number <= lesson.steps.length) return number - 1;
  throw new UserError({
    fault: "usage",
    code: "no-such-step",
    what: lessonTexts.stepDoesNotExist(named, lesson.title),
    next: lesson.steps.map((step) => verbatim(`--step ${step.id}`)),
  });
}
