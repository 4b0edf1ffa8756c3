import { join } from "node:path";
import { comparable, LatestPoints, type RunMetrics } from "./latest-points.ts";
import { encodeBlock, type MetricPoint, pointAt } from "./metric-block.ts";
import { appendMetricBlock, readMetricFile } from "./metric-file.ts";

/**
 * The metrics of all runs: a file for each run that has any, `<folder>/<first two of the id>/<id>`, 28 bytes a point.
 * Why a file a run and not the catalogue's log: a start need not read them, and the history of one metric is the read of
 * one file. Memory holds the last points of the runs that were used last and of those being written, up to `cachedKeys`
 * keys (about 100 bytes each); all others are read from their files when they are asked for.
 */
export interface MetricStore {
  /** Resolves once the points are on the disk. Requests for one run come one after the other. */
  append(runId: string, points: readonly MetricPoint[]): Promise<void>;
  /** The last points of a run; with `wanted`, those of these keys at least, which is quicker. */
  latest(runId: string, wanted?: ReadonlySet<string>): Promise<RunMetrics>;
  /** All points of one key, in order of timestamp, step, value, the same point once. Memory: 24 bytes a point. */
  history(runId: string, key: string): Promise<readonly MetricPoint[]>;
}

interface Loaded {
  readonly points: LatestPoints;
  validBytes: number;
}

/** Runs with more keys stay in memory only while they are written. */
const FEW_KEYS = 64;

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
    keysInCache -= found.points.size + 1;
  };

  const remember = (runId: string, loaded: Loaded): void => {
    forget(runId);
    cache.set(runId, loaded);
    keysInCache += loaded.points.size + 1;
    for (const oldest of cache.keys()) {
      if (keysInCache <= cachedKeys || oldest === runId) break;
      forget(oldest);
    }
  };

  /** Not in memory afterwards: whoever changes what was loaded remembers it when the change has worked. */
  const take = async (runId: string): Promise<Loaded> => {
    const known = cache.get(runId);
    forget(runId);
    return known ?? (await readLatest(pathOf(runId), undefined));
  };

  return {
    append: (runId, points) =>
      inTurn(runId, async () => {
        if (points.length === 0) return;
        const loaded = await take(runId);
        const block = encodeBlock(points, loaded.points.ids);
        await appendMetricBlock(pathOf(runId), block, loaded.validBytes);
        loaded.validBytes += block.length;
        for (const { key, value, timestamp, step } of points) {
          loaded.points.keep(loaded.points.ids.get(key) ?? 0, value, timestamp, step);
        }
        remember(runId, loaded);
      }),
    latest: (runId, wanted) => {
      const known = cache.get(runId);
      if (known !== undefined && !tails.has(runId)) return Promise.resolve(known.points);
      return inTurn(runId, async () => {
        const found = cache.get(runId) ?? (await readLatest(pathOf(runId), wanted));
        if (wanted === undefined && found.points.size <= FEW_KEYS) remember(runId, found);
        return found.points;
      });
    },
    history: (runId, key) => inTurn(runId, () => readHistory(pathOf(runId), key)),
  };
}

/** The last points of a file; with `wanted`, of these keys only, and then it is not to be written on. */
async function readLatest(path: string, wanted: ReadonlySet<string> | undefined): Promise<Loaded> {
  const points = new LatestPoints();
  const names = wanted === undefined ? undefined : [...wanted].map((name) => Buffer.from(name, "utf8"));
  /** The number in `points` of each of the file's keys; -1 for one that is not wanted. */
  const places: number[] = [];
  const validBytes = await readMetricFile(path, {
    onKey: (bytes, start, end) => {
      const isWanted = names === undefined || names.some((name) => isName(name, bytes, start, end));
      places.push(isWanted ? points.ids.size : -1);
      if (isWanted) points.ids.set(bytes.toString("utf8", start, end), points.ids.size);
    },
    onPoint: (key, bytes, at) => {
      const place = places[key] ?? -1;
      if (place < 0) return;
      const { value, timestamp, step } = pointAt(bytes, at);
      points.keep(place, value, timestamp, step);
    },
  });
  return { points, validBytes };
}

function isName(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  return name.length === end - start && name.compare(bytes, start, end) === 0;
}

async function readHistory(path: string, key: string): Promise<readonly MetricPoint[]> {
  const name = Buffer.from(key, "utf8");
  let wanted = -1;
  let keys = 0;
  const points: MetricPoint[] = [];
  await readMetricFile(path, {
    onKey: (bytes, start, end) => {
      if (isName(name, bytes, start, end)) wanted = keys;
      keys++;
    },
    onPoint: (id, bytes, at) => {
      if (id === wanted) points.push({ key, ...pointAt(bytes, at) });
    },
  });
  points.sort(
    (a, b) => a.timestamp - b.timestamp || a.step - b.step || comparable(a.value) - comparable(b.value),
  );
  return points.filter((point, index) => !isSame(point, points[index - 1]));
}

function isSame(a: MetricPoint, b: MetricPoint | undefined): boolean {
  return (
    b !== undefined && a.timestamp === b.timestamp && a.step === b.step && Object.is(a.value + 0, b.value + 0)
  );
}
