import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { type Clock, systemClock } from "../../core/effects.ts";
import { systemCode } from "../../core/errors.ts";
import { INT64, TIMESTAMP } from "../attribute.ts";
import { fromDoubles } from "../micros.ts";
import type { StreamSource } from "./source.ts";

/**
 * Counts up, so many rows a second: `timestamp`, `value`. Row n has the time start + n ÷ rowsPerSecond, so a replay
 * gives the same rows; the start is kept in the checkpoint. An offset is the number of whole seconds since the start.
 */
export function rateSource(options: {
  readonly rowsPerSecond?: number | undefined;
  readonly clock?: Clock | undefined;
}): StreamSource {
  const { rowsPerSecond = 1, clock = systemClock } = options;
  let startMs = 0;
  let endSeconds: number | undefined;
  const secondsNow = (): number => Math.max(0, Math.floor((clock.now() - startMs) / 1000));
  return {
    description: `RateStreamV2[rowsPerSecond=${rowsPerSecond}]`,
    attributes: [
      { name: "timestamp", type: TIMESTAMP },
      { name: "value", type: INT64 },
    ],
    isReplayable: true,
    async open({ folder }) {
      startMs = await keptStart(join(folder, "0"), clock.now());
      endSeconds = undefined;
    },
    async prepareForAvailableNow() {
      endSeconds = secondsNow();
    },
    async latestOffset(start) {
      const seconds = endSeconds ?? secondsNow();
      return seconds === 0 ? start : String(seconds);
    },
    async read(start, end) {
      const from = Number(start ?? 0) * rowsPerSecond;
      const count = Number(end) * rowsPerSecond - from;
      const values = Float64Array.from({ length: count }, (_, i) => from + i);
      const times = values.map((value) => startMs * 1000 + Math.floor((value * 1e6) / rowsPerSecond));
      return {
        table: {
          fields: [
            { name: "timestamp", type: TIMESTAMP, nullable: false },
            { name: "value", type: INT64, nullable: false },
          ],
          columns: [
            { kind: "timestamp", values: fromDoubles(times) },
            { kind: "int64", values: fromDoubles(values) },
          ],
          rowCount: count,
        },
      };
    },
  };
}

async function keptStart(path: string, nowMs: number): Promise<number> {
  try {
    const [, line] = (await readFile(path, "utf8")).split("\n");
    return Number(line);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  await writeFileAtomic(path, `v1\n${nowMs}`);
  return nowMs;
}
