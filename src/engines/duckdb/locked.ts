import type { Engine, EngineOptions } from "../engine.ts";
import { DuckDbEngine } from "./engine.ts";
import { Session } from "./session.ts";

export interface LockedOptions extends EngineOptions {
  /** Folders whose files SQL may read, and write: DuckDB has no read-only folder. Default none. */
  readonly folders?: readonly string[] | undefined;
  /** What a query may spill to disk; default 256 MiB. */
  readonly maxSpillBytes?: number | undefined;
  /** Registers the inputs, before the lock. */
  readonly prepare?: ((engine: Engine) => Promise<void>) | undefined;
}

const DEFAULT_SPILL_BYTES = 256 * 1024 ** 2;

/**
 * A DuckDB for SQL that we did not write: after `prepare` it reads and writes no file outside `folders`
 * (its spill folder aside), loads no extension, attaches nothing, and no setting can be changed again:
 * threads, memory, time zone and the size of the spill folder are fixed before the lock.
 *
 * It bounds what SQL can reach. It is not a sandbox against native code: run it in a process of its own
 * when time and memory must be bounded too.
 */
export async function openLockedDuckDb(options: LockedOptions = {}): Promise<Engine> {
  const session = await Session.open(options);
  const engine = new DuckDbEngine(session);
  try {
    await options.prepare?.(engine);
    await session.lock({
      folders: options.folders ?? [],
      maxSpillBytes: options.maxSpillBytes ?? DEFAULT_SPILL_BYTES,
    });
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
