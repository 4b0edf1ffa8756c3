import { seededRandom } from "../../../core/random.ts";

/**
 * Makes the day and the randomness the grader's: `Date` stands still at `clockMs` and `Math.random` is
 * seeded. Timers and `performance.now` stay real: they measure, they are not data.
 */
export function setWorld(clockMs: number, seed: number): void {
  const RealDate = Date;
  const { construct } = Reflect;
  function FixedDate(...parts: unknown[]): unknown {
    if (new.target === undefined) return new RealDate(clockMs).toString();
    return construct(RealDate, parts.length === 0 ? [clockMs] : parts, new.target);
  }
  Object.defineProperties(FixedDate, {
    name: { value: "Date" },
    length: { value: 7 },
    prototype: { value: RealDate.prototype, writable: false },
    now: { value: () => clockMs, writable: true, configurable: true },
    parse: { value: RealDate.parse, writable: true, configurable: true },
    UTC: { value: RealDate.UTC, writable: true, configurable: true },
  });
  RealDate.prototype.constructor = FixedDate as DateConstructor;
  globalThis.Date = FixedDate as DateConstructor;

  const random = seededRandom(seed);
  Math.random = () => random.double();
}
