import { CancelledError, throwIfCancelled } from "../../../core/errors.ts";
import { isRetriable } from "../protocol/errors.ts";
import { ConnectionLost } from "./broker-connection.ts";

/** An answer with an error code; `isRetriable` ones may pass by themselves. */
export class KafkaCode extends Error {
  readonly code: number;
  /** What the broker says about it. */
  readonly says: string | null;

  constructor(code: number, says: string | null = null) {
    super(`Kafka error ${code}`);
    this.name = "KafkaCode";
    this.code = code;
    this.says = says;
  }
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Runs a try again, with growing pauses, while it fails by what may pass (a lost connection, a retriable code) and
 * there is time; then throws what it failed with last. `onFailure` is told of each failure before the next try.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onFailure: (error: unknown) => void;
    /** Codes that are final here though the protocol calls them retriable. */
    readonly finalCodes?: readonly number[];
  },
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    throwIfCancelled(options.signal);
    try {
      return await attempt();
    } catch (error) {
      const mayPass =
        error instanceof ConnectionLost ||
        (error instanceof KafkaCode && isRetriable(error.code) && !options.finalCodes?.includes(error.code));
      if (!mayPass || performance.now() + pauseMs > deadline) throw error;
      options.onFailure(error);
      await pause(pauseMs, options.signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new CancelledError({ cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
