import type { Metric, Pair } from "./schema.ts";

/** What one `runs/log-batch` carries. */
export interface Batch {
  readonly metrics: readonly Metric[];
  readonly params: readonly Pair[];
  readonly tags: readonly Pair[];
}

/** MLflow's limits of one log-batch: metrics, params, tags, all of them together, and bytes of the body. */
const MAX_METRICS = 1000;
const MAX_PAIRS = 100;
const MAX_ENTITIES = 1000;
const MAX_BYTES = 900_000;

/**
 * Cuts what is to be logged into as many calls as MLflow's limits need, in order: params and tags go first, so that a
 * refused param stops the metrics. Nothing to log gives no batch.
 */
export function* cutIntoBatches(all: Batch): Generator<Batch> {
  let batch = emptyBatch();
  let bytes = 0;
  const entries = [
    ...all.params.map((value) => ({ kind: "params", value }) as const),
    ...all.tags.map((value) => ({ kind: "tags", value }) as const),
    ...all.metrics.map((value) => ({ kind: "metrics", value }) as const),
  ];
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry.value)) + 1;
    const limit = entry.kind === "metrics" ? MAX_METRICS : MAX_PAIRS;
    const count = batch.params.length + batch.tags.length + batch.metrics.length;
    const isFull =
      batch[entry.kind].length >= limit || count >= MAX_ENTITIES || (count > 0 && bytes + size > MAX_BYTES);
    if (isFull) {
      yield batch;
      batch = emptyBatch();
      bytes = 0;
    }
    if (entry.kind === "metrics") batch.metrics.push(entry.value);
    else batch[entry.kind].push(entry.value);
    bytes += size;
  }
  if (batch.params.length + batch.tags.length + batch.metrics.length > 0) yield batch;
}

function emptyBatch(): { metrics: Metric[]; params: Pair[]; tags: Pair[] } {
  return { metrics: [], params: [], tags: [] };
}
