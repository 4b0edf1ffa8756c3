import { CancelledError, throwIfCancelled } from "../../../core/errors.ts";
import { apis } from "../protocol/apis.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { Cluster } from "./cluster.ts";
import { KafkaCode } from "./retry.ts";

/** Long polls have connections of their own: a broker answers the requests of one connection in order. */
const LANE = "poll";
/** The highest version that names a topic by its name. */
const MAX_VERSION = 12;
const READ_COMMITTED = 1;
const NO_ID = "0".repeat(32);

/** Resolves when some partition has a record at or after its offset, or when the time is up. */
export async function waitForRecords(
  cluster: Cluster,
  wanted: {
    readonly topic: string;
    readonly offsets: ReadonlyMap<number, number>;
    readonly waitMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { topic, waitMs, signal } = wanted;
  throwIfCancelled(signal);
  const leaders = await cluster.attempt({ action: "metadata", where: topic, topic }, () =>
    cluster.leaders(topic),
  );
  const places = [...wanted.offsets].filter(([partition]) => leaders[partition] !== undefined);
  const byLeader = groupBy(places, ([partition]) => leaders[partition] ?? -1);
  if (byLeader.size === 0) return;
  const over = new AbortController();
  const polls = [...byLeader.values()].map((some) =>
    poll(cluster, topic, some, { waitMs, signal: over.signal }),
  );
  const isEnded = polls.map(() => false);
  polls.forEach((one, i) => {
    const ended = (): void => {
      isEnded[i] = true;
    };
    one.then(ended, ended);
  });
  try {
    await orAborted(Promise.race(polls), signal);
  } finally {
    over.abort();
    // A poll that is still on its way would hold up the next one on its connection.
    if (isEnded.includes(false)) await cluster.dropLane(LANE);
  }
}

async function poll(
  cluster: Cluster,
  topic: string,
  places: readonly (readonly [partition: number, offset: number])[],
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const [first] = places;
  if (first === undefined) return;
  const partitions = places.map(([partition, fetchOffset]) => ({
    partition,
    fetchOffset,
    partitionMaxBytes: 1,
  }));
  const body = {
    maxWaitMs: waitMs,
    minBytes: 1,
    maxBytes: 1,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, topicId: NO_ID, partitions }],
  };
  const ask = async (): Promise<void> => {
    const answer = await cluster.toLeader({ topic, partition: first[0], lane: LANE }, apis.fetch, body, {
      maxVersion: MAX_VERSION,
      answerMs: waitMs + cluster.timeoutMs,
    });
    const codes = [
      answer.errorCode,
      ...answer.topics.flatMap((one) => one.partitions.map((p) => p.errorCode)),
    ];
    // An offset that is gone ends the wait: the one who reads there is told so.
    const failed = codes.find((code) => code !== ErrorCode.none && code !== ErrorCode.offsetOutOfRange);
    if (failed !== undefined) throw new KafkaCode(failed);
  };
  await cluster.attempt({ action: "poll", where: topic, topic }, ask, signal);
}

/** Items in groups by a number. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  // Nobody waits for it any more when we throw: it must not fail unheard.
  work.catch(() => undefined);
  throwIfCancelled(signal);
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new CancelledError({ cause: signal.reason }));
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
