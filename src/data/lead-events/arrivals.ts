import type { LeadEventsSettings } from "./settings.ts";

/**
 * When the message at each position arrives, in microseconds after the stream's begin: evenly at `rate`, and `burst`
 * times as fast in each burst. A closed form, so that any block can be made without the ones before it; + − × ÷ only.
 */
export interface Arrivals {
  /** Never falls with the position. */
  at(position: number): number;
  /** True when the message arrives in a burst. */
  isBurst(position: number): boolean;
}

export function arrivalsOf(settings: LeadEventsSettings): Arrivals {
  const { rate, burst, burstEverySeconds, burstSeconds } = settings;
  if (burst === 1) return { at: (position) => Math.floor((position * 1e6) / rate), isBurst: () => false };
  // Whole messages per phase: a cycle then begins with a message.
  const quiet = Math.max(1, Math.floor(rate * burstEverySeconds));
  const loud = Math.max(1, Math.floor(rate * burst * burstSeconds));
  const cycleMicros = Math.floor((burstEverySeconds + burstSeconds) * 1e6);
  const quietMicros = Math.floor(burstEverySeconds * 1e6);
  const loudMicros = cycleMicros - quietMicros;
  return {
    at: (position) => {
      const cycle = Math.floor(position / (quiet + loud));
      const rest = position - cycle * (quiet + loud);
      const within =
        rest < quiet
          ? Math.floor((rest * quietMicros) / quiet)
          : quietMicros + Math.floor(((rest - quiet) * loudMicros) / loud);
      return cycle * cycleMicros + within;
    },
    isBurst: (position) => position % (quiet + loud) >= quiet,
  };
}
