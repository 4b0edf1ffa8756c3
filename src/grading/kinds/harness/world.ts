import { syncBuiltinESMExports } from "node:module";
import { type Random, seededRandom } from "../../../core/random.ts";

const RealDate = Date;
const { construct } = Reflect;

/**
 * Makes the day and the randomness the grader's: `Date` stands still at `clockMs` and `Math.random` is
 * seeded. Timers and `performance.now` stay real: they measure, they are not data.
 */
export function setWorld(clockMs: number, seed: number): void {
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
  seeded = undefined;
  makeCrypto = () => seedCrypto(random);
  Object.defineProperty(globalThis, "crypto", { configurable: true, get: () => seededCrypto().webcrypto });
}

let makeCrypto: (() => Crypto) | undefined;
let seeded: Crypto | undefined;

/** `node:crypto`, its random numbers drawn from the world's seed; loaded when it is first asked for. */
export function seededCrypto(): Crypto {
  seeded ??= makeCrypto?.() ?? loadCrypto();
  return seeded;
}

type Crypto = typeof import("node:crypto");
const { getBuiltinModule } = process;

function loadCrypto(): Crypto {
  return getBuiltinModule("node:crypto");
}

/** Ids that a submission draws are then the same in every run; nothing here needs to be secret. */
function seedCrypto(random: Random): Crypto {
  const crypto = loadCrypto();
  const fill = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
    return view;
  };
  const randomUUID = (): string => {
    const bytes = fill(Buffer.alloc(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const randomInt = (low: number, high?: number): number =>
    high === undefined ? random.below(low) : low + random.below(high - low);
  const replacements: Record<string, unknown> = {
    randomUUID,
    getRandomValues: fill,
    randomFillSync: fill,
    randomBytes: withCallback((size: number) => fill(Buffer.alloc(size))),
    randomInt: withCallback(randomInt),
  };
  for (const [name, replacement] of Object.entries(replacements)) {
    const made = { value: replacement, writable: true, configurable: true };
    // node:crypto's own getRandomValues is fixed, and asks webcrypto.
    if (name !== "getRandomValues") Object.defineProperty(crypto, name, made);
    if (name in crypto.webcrypto) Object.defineProperty(crypto.webcrypto, name, made);
  }
  syncBuiltinESMExports();
  return crypto;
}

/** Node's random functions give their value, or hand it to a callback when the last argument is one. */
function withCallback<A extends readonly unknown[], T>(make: (...args: A) => T) {
  return (...args: [...A, unknown?]): T | undefined => {
    const last = args.at(-1);
    if (typeof last !== "function") return make(...(args as unknown as A));
    const value = make(...(args.slice(0, -1) as unknown as A));
    setImmediate(() => last(null, value));
    return undefined;
  };
}
