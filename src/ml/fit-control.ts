import { CancelledError, throwIfCancelled } from "../core/errors.ts";

/** What a fit tells while it runs: `done` of `total` trees, iterations or starts. */
export interface FitProgress {
  readonly done: number;
  readonly total: number;
  /** The loss on the validation rows (boosting) or the training cost, where it is known. */
  readonly loss?: number | undefined;
}

/** How a caller watches and stops a fit. A cancelled fit throws a CancelledError and leaves nothing. */
export interface FitControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FitProgress) => void) | undefined;
}

/** Tells the progress, lets timers and signals run, and throws when the caller has cancelled. */
export async function breathe(control: FitControl, progress: FitProgress): Promise<void> {
  control.onProgress?.(progress);
  await new Promise<void>((resolve) => setImmediate(resolve));
  throwIfCancelled(control.signal);
}

export { CancelledError };
