import type { Kernel, Place } from "../threads/team-control.ts";
import { type Classifier, scoreRange } from "./model.ts";

/** Rows that a thread takes at a time. */
const CHUNK_ROWS = 4096;

/** What the threads of a scorer share: `rowCount[0]` rows lie in the columns, which may have room for more. */
export interface ScoreMemory {
  readonly model: Classifier;
  readonly columns: readonly Float64Array[];
  readonly rowCount: Int32Array;
  readonly out: Float64Array;
}

/** The only step scores every thread-th chunk. */
export function scoreKernel(memory: ScoreMemory, place: Place): Kernel {
  const { model, columns, rowCount, out } = memory;
  return {
    step: () => {
      const rows = rowCount[0] as number;
      for (let start = place.thread * CHUNK_ROWS; start < rows; start += place.threads * CHUNK_ROWS)
        scoreRange(model, columns, { start, end: Math.min(rows, start + CHUNK_ROWS) }, out);
    },
  };
}
