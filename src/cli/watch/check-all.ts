import { CancelledError, UserError } from "../../core/errors.ts";
import { silent } from "../../core/events.ts";
import { verdictTexts } from "../texts/verdict.ts";
import { watchTexts } from "../texts/watch.ts";
import { padTo } from "../ui/safe-text.ts";
import type { Part, Stage } from "../ui/stage.ts";
import type { Look } from "../ui/terminal.ts";
import type { ExerciseActions, ExerciseView } from "./exercise-actions.ts";

interface Line {
  readonly view: ExerciseView;
  readonly passed: boolean;
  readonly note: string | undefined;
}

/** Grades every exercise that lies in the workspace, one after another, until the signal stops it. Gives what to show. */
export async function checkAll(options: {
  readonly stage: Stage;
  readonly ids: readonly string[];
  readonly exercises: ExerciseActions;
  readonly signal: AbortSignal;
}): Promise<readonly Part[]> {
  const { stage, ids, exercises, signal } = options;
  const views = (await Promise.all(ids.map((id) => exercises.view(id)))).filter((view) => view.isThere);
  if (views.length === 0) return [(look) => ` ${watchTexts.noneStarted[look.lang]}`];
  const lines: Line[] = [];
  try {
    for (const [index, view] of views.entries()) {
      if (signal.aborted) break;
      stage.live((look) => ` ${watchTexts.checkingAll[look.lang](index + 1, views.length, view.name)}`);
      lines.push(await checkOne(view, exercises, signal));
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
  return [(look) => drawLines(lines, look)];
}

async function checkOne(view: ExerciseView, exercises: ExerciseActions, signal: AbortSignal): Promise<Line> {
  try {
    const verdict = await exercises.grade(view.id, { signal, emit: silent });
    const failed = verdict.checks.find((check) => check.passed === false);
    return { view, passed: verdict.passed, note: failed?.id ?? verdict.problem?.kind };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { view, passed: false, note: error.code };
  }
}

function drawLines(lines: readonly Line[], look: Look): string {
  const { lang, colors } = look;
  const rows = lines.map(({ view, passed, note }) => {
    const word = passed ? colors.green(verdictTexts.passes[lang]) : colors.red(verdictTexts.fails[lang]);
    return ` ${padTo(word, 7)} ${padTo(view.name, 24)} ${passed ? "" : (note ?? "")}`.trimEnd();
  });
  const passed = lines.filter((line) => line.passed).length;
  return [...rows, "", ` ${watchTexts.passing[lang](passed, lines.length)}`].join("\n");
}
