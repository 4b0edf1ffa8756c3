/**
 * The time of one case: it runs while a call is in flight, so that neither our own work between two calls
 * nor a process's start counts. Says once that it is used up.
 */
export class Budget {
  readonly limitMs: number;
  #leftMs: number;
  #inFlight = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #onUsedUp: () => void;

  constructor(limitMs: number, onUsedUp: () => void) {
    this.limitMs = limitMs;
    this.#leftMs = limitMs;
    this.#onUsedUp = onUsedUp;
  }

  /** Counts the time until the work settles. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inFlight++ === 0) {
      this.#startedAt = performance.now();
      this.#timer = setTimeout(this.#onUsedUp, Math.max(0, this.#leftMs));
    }
    try {
      return await work();
    } finally {
      if (--this.#inFlight === 0) {
        clearTimeout(this.#timer);
        this.#leftMs -= performance.now() - this.#startedAt;
      }
    }
  }
}
