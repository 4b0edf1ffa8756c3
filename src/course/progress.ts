import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { appendLine, writeFileAtomic } from "../core/atomic-file.ts";
import type { Clock } from "../core/effects.ts";
import { systemCode } from "../core/errors.ts";
import { type NewProgressEvent, newLine, type ProgressEvent, readLog } from "./progress-event.ts";
import { emptyProgress, foldEvents, type Progress, progressSchema } from "./progress-state.ts";

export type { NewProgressEvent, ProgressEvent } from "./progress-event.ts";
export * from "./progress-state.ts";

/**
 * A learner's progress: an append-only log, `<workspace>/.taller/progress.jsonl`, and `progress.json`, a cache
 * folded from it. Safe against a kill at any instant and against several processes at once: an event whose
 * `record` has returned is never lost.
 */
export interface ProgressStore {
  record(event: NewProgressEvent): Promise<ProgressEvent>;
  /** The state after every event in the log. */
  read(): Promise<Progress>;
  /** Every event as lines of JSON, for another machine. */
  export(): Promise<string>;
  /** Adds the events of another log that are not here yet. `ignored`: lines that are no events. */
  merge(log: string): Promise<{ readonly added: number; readonly known: number; readonly ignored: number }>;
}

export function openProgress(
  workspace: string,
  options: { readonly clock: Clock; readonly machine?: string | undefined },
): ProgressStore {
  const log = join(workspace, ".taller", "progress.jsonl");
  const cache = join(workspace, ".taller", "progress.json");
  const machine = (options.machine ?? hostname()).slice(0, 64);
  let lastMs = 0;
  return {
    record: async (event) => {
      // A clock that is set back does not put what comes later before what came earlier.
      lastMs = Math.max(lastMs, options.clock.now());
      const line = newLine(event, { time: lastMs, machine });
      await appendLine(log, line.text);
      if (line.event === undefined) throw new TypeError("an event that can't be read back");
      return line.event;
    },
    read: () => readProgress(log, cache),
    export: async () => {
      const lines = readLog(await readText(log));
      return lines.map((line) => `${line.text}\n`).join("");
    },
    merge: async (text) => {
      const known = new Set(readLog(await readText(log)).map((line) => line.id));
      const lines = readLog(text);
      const fresh = lines.filter((line) => !known.has(line.id));
      for (const line of fresh) await appendLine(log, line.text);
      const given = new Set(text.split("\n").map((line) => line.trim()));
      given.delete("");
      return { added: fresh.length, known: lines.length - fresh.length, ignored: given.size - lines.length };
    },
  };
}

/** The cache stands for a log of this size and time; the log only grows, so that a stale one is told by its size. */
const cacheSchema = z.object({
  log: z.object({ size: z.number(), mtimeMs: z.number() }),
  progress: progressSchema,
});

async function readProgress(log: string, cache: string): Promise<Progress> {
  const stamp = await stampOf(log);
  if (stamp === undefined) return emptyProgress();
  const cached = cacheSchema.safeParse(parseJson(await readText(cache)));
  if (cached.success && cached.data.log.size === stamp.size && cached.data.log.mtimeMs === stamp.mtimeMs)
    return cached.data.progress;
  const progress = foldEvents(
    readLog(await readText(log)).flatMap((line) => (line.event === undefined ? [] : [line.event])),
  );
  // Stamped before it was read: what was appended in between makes this cache stale, not wrong.
  // A cache that can't be written (a read-only folder) costs time, not truth.
  await writeFileAtomic(cache, JSON.stringify({ log: stamp, progress })).catch(() => {});
  return progress;
}

async function stampOf(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, mtimeMs };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
