import { openStage } from "../ui/stage.ts";
import type { Screen } from "../ui/terminal.ts";
import type { ExerciseActions } from "./exercise-actions.ts";
import { watchWithoutKeys } from "./watch-without-keys.ts";
import { Watching } from "./watching.ts";

export interface WatchOptions {
  readonly screen: Screen;
  readonly exercises: ExerciseActions;
  /** Every exercise, in the course's order. */
  readonly ids: readonly string[];
  /** Where it begins. */
  readonly start: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How often files are looked at beside the system's events; default 500. */
  readonly pollMs?: number | undefined;
}

/**
 * Grades on every save and shows the verdict in place. Ends with q (gives 0) or Ctrl-C (throws
 * CancelledError); the terminal is restored on any end. Without keys it prints verdicts until stdin ends.
 */
export async function watchExercises(options: WatchOptions): Promise<number> {
  if (!options.screen.canReadKeys) return watchWithoutKeys(options);
  const stage = openStage(options.screen);
  const watching = new Watching(options, stage);
  try {
    stage.clear();
    await watching.enter(options.start);
    return await watching.run();
  } finally {
    await watching.close();
    stage.close();
  }
}
