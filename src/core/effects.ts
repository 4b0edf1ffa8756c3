/** What a test must be able to hold: time and randomness come in, they are not reached for. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds of a clock that never goes back: for durations. */
  elapsed(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};

/** A clock that stands still until told otherwise. */
export function fixedClock(startMs: number): Clock & { advance(ms: number): void } {
  let now = startMs;
  return {
    now: () => now,
    elapsed: () => now - startMs,
    advance: (ms) => {
      now += ms;
    },
  };
}
