import { join } from "node:path";
import { encodeBlock, type MetricPoint } from "./metric-block.ts";
import { appendMetricBlock, readMetricFile } from "./metric-file.ts";

/** A run's last points, and what is known of its file. */
export interface RunMetrics {
  /** By key, in order of first use. */
  readonly latest: ReadonlyMap<string, MetricPoint>;
}

/**
 * The metrics of all runs: a file for each run that has any, `<folder>/<first two of the id>/<id>`. Memory holds the
 * last points of the runs used last, up to `cachedKeys` keys (about 200 bytes each); the others' are read again from
 * their files, 28 bytes a point.
 */
export interface MetricStore {
  /** Resolves once the points are on the disk. Requests for one run come one after the other. */
  append(runId: string, points: readonly MetricPoint[]): Promise<void>;
  latest(runId: string): Promise<RunMetrics>;
  /** All points of one key, in order of timestamp, step, value, the same point once. Memory: 24 bytes a point. */
  history(runId: string, key: string): Promise<readonly MetricPoint[]>;
}

interface Loaded {
  readonly latest: Map<string, MetricPoint>;
  readonly keyIds: Map<string, number>;
  validBytes: number;
}

export function openMetricStore(folder: string, options: { cachedKeys?: number } = {}): MetricStore {
  const cachedKeys = options.cachedKeys ?? 200_000;
  /** In order of use, the oldest first. */
  const cache = new Map<string, Loaded>();
  let keysInCache = 0;
  const tails = new Map<string, Promise<unknown>>();

  const pathOf = (runId: string) => join(folder, runId.slice(0, 2), runId);

  const inTurn = <T>(runId: string, task: () => Promise<T>): Promise<T> => {
    const mine = (tails.get(runId) ?? Promise.resolve()).then(task);
    const tail = mine.catch(() => {});
    tails.set(runId, tail);
    void tail.then(() => {
      if (tails.get(runId) === tail) tails.delete(runId);
    });
    return mine;
  };

  const forget = (runId: string): void => {
    const found = cache.get(runId);
    if (found === undefined) return;
    cache.delete(runId);
    keysInCache -= found.keyIds.size + 1;
  };

  const remember = (runId: string, loaded: Loaded): void => {
    forget(runId);
    cache.set(runId, loaded);
    keysInCache += loaded.keyIds.size + 1;
    for (const oldest of cache.keys()) {
      if (keysInCache <= cachedKeys || oldest === runId) break;
      forget(oldest);
    }
  };

  const load = async (runId: string): Promise<Loaded> => {
    const known = cache.get(runId);
    if (known !== undefined) {
      cache.delete(runId);
      cache.set(runId, known);
      return known;
    }
    const names: string[] = [];
    const latest = new Map<string, MetricPoint>();
    const keyIds = new Map<string, number>();
    const validBytes = await readMetricFile(pathOf(runId), {
      onKey: (name) => {
        keyIds.set(name, names.length);
        names.push(name);
      },
      onPoint: (id, value, timestamp, step) => {
        const key = names[id];
        if (key !== undefined) keepLatest(latest, { key, value, timestamp, step });
      },
    });
    const loaded = { latest, keyIds, validBytes };
    remember(runId, loaded);
    return loaded;
  };

  return {
    append: (runId, points) =>
      inTurn(runId, async () => {
        if (points.length === 0) return;
        const loaded = await load(runId);
        // What the block's keys change is thrown away with it when it can't be written.
        forget(runId);
        const block = encodeBlock(points, loaded.keyIds);
        await appendMetricBlock(pathOf(runId), block, loaded.validBytes);
        loaded.validBytes += block.length;
        for (const point of points) keepLatest(loaded.latest, point);
        remember(runId, loaded);
      }),
    latest: (runId) => {
      const known = cache.get(runId);
      return known === undefined ? inTurn(runId, () => load(runId)) : Promise.resolve(known);
    },
    history: (runId, key) => inTurn(runId, () => readHistory(pathOf(runId), key)),
  };
}

/** The last point is the one with the highest step, then timestamp, then value; NaN counts as 0 there, as in MLflow. */
function keepLatest(latest: Map<string, MetricPoint>, point: MetricPoint): void {
  const known = latest.get(point.key);
  if (known === undefined || compareRecency(point, known) > 0) latest.set(point.key, point);
}

function compareRecency(a: MetricPoint, b: MetricPoint): number {
  return a.step - b.step || a.timestamp - b.timestamp || orderValue(a) - orderValue(b);
}

async function readHistory(path: string, key: string): Promise<readonly MetricPoint[]> {
  let wanted = -1;
  let keys = 0;
  const points: MetricPoint[] = [];
  await readMetricFile(path, {
    onKey: (name) => {
      if (name === key) wanted = keys;
      keys++;
    },
    onPoint: (id, value, timestamp, step) => {
      if (id === wanted) points.push({ key, value, timestamp, step });
    },
  });
  points.sort((a, b) => a.timestamp - b.timestamp || a.step - b.step || orderValue(a) - orderValue(b));
  return points.filter((point, index) => !isSame(point, points[index - 1]));
}

function orderValue(point: MetricPoint): number {
  return Number.isNaN(point.value) ? 0 : point.value;
}

function isSame(a: MetricPoint, b: MetricPoint | undefined): boolean {
  return (
    b !== undefined && a.timestamp === b.timestamp && a.step === b.step && Object.is(a.value + 0, b.value + 0)
  );
}
