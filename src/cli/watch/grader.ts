import { CancelledError } from "../../core/errors.ts";
import { silent } from "../../core/events.ts";
import type { Verdict } from "../../grading/verdict.ts";
import type { ExerciseActions } from "./exercise-actions.ts";

export type Graded =
  | { readonly kind: "verdict"; readonly id: string; readonly verdict: Verdict }
  | { readonly kind: "failed"; readonly id: string; readonly error: unknown };

/** Grades one thing at a time: a new request stops the one that runs. */
export interface Grader {
  /** Asks for a verdict; it comes by `onDone`, unless a newer request overtakes it. */
  request(id: string): void;
  readonly isBusy: boolean;
  /** Stops what runs and waits for its end. */
  stop(): Promise<void>;
}

export function openGrader(
  actions: Pick<ExerciseActions, "grade">,
  onDone: (graded: Graded) => void,
): Grader {
  let running: { stop: AbortController; ended: Promise<void> } | undefined;
  let wanted: string | undefined;

  const run = async (id: string, stop: AbortController): Promise<Graded | undefined> => {
    try {
      const verdict = await actions.grade(id, { signal: stop.signal, emit: silent });
      // Overtaken: what was graded is no longer what is on the disk.
      return stop.signal.aborted ? undefined : { kind: "verdict", id, verdict };
    } catch (error) {
      if (stop.signal.aborted || error instanceof CancelledError) return undefined;
      return { kind: "failed", id, error };
    }
  };
  const startWanted = () => {
    if (wanted === undefined || running !== undefined) return;
    const id = wanted;
    wanted = undefined;
    const stop = new AbortController();
    const ended = run(id, stop).then((graded) => {
      running = undefined;
      if (graded !== undefined) onDone(graded);
      startWanted();
    });
    running = { stop, ended };
  };
  return {
    request(id) {
      wanted = id;
      running?.stop.abort(new CancelledError());
      startWanted();
    },
    get isBusy() {
      return running !== undefined && !running.stop.signal.aborted;
    },
    async stop() {
      wanted = undefined;
      running?.stop.abort(new CancelledError());
      await running?.ended;
    },
  };
}
