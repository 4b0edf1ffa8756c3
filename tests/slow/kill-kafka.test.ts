import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import { type BrokerProcess, bundleBroker, startBroker } from "../services/kafka/broker-process.ts";
import { byteColumn, textsOf } from "../services/kafka/columns.ts";
import { Transactor } from "../services/kafka/transactor.ts";

const KILLS = Number(process.env.TALLER_KILLS ?? 100);
const TRANSACTION_KILLS = Math.ceil(KILLS / 2);
const PARTITIONS = 3;
/** Small segments, so that kills meet them being sealed. */
const SEGMENT_BYTES = 200_000;

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-kafka-kill-"));
  program = await bundleBroker(join(folder, "broker.mjs"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Appends numbered values one batch after the other, and stores after each how far it is, until it is told to stop. */
async function load(
  log: TopicLog,
  partition: number,
  stop: AbortSignal,
): Promise<{ next: number; stored: number }> {
  let next = 0;
  let stored = 0;
  const random = seededRandom(partition + 1);
  while (!stop.aborted) {
    const count = 1 + Math.floor(random.double() * 60);
    const values = Array.from(
      { length: count },
      (_, i) => `${next + i} ${"z".repeat(Math.floor(random.double() * 300))}`,
    );
    const appended = await log.append("load", partition, { count, values: byteColumn(values) });
    // Every number once, in order: an offset that is not the number is a loss or a double already.
    expect(appended).toEqual({ from: next, to: next + count });
    next += count;
    await log.commit("group", "load", new Map([[partition, next]]));
    stored = next;
  }
  return { next, stored };
}

test(`${KILLS} kills of a broker under load lose nothing that it acknowledged and double nothing`, {
  timeout: 300_000 + KILLS * 20_000,
}, async () => {
  const data = join(folder, "data");
  let broker: BrokerProcess = await startBroker(program, data);
  const port = Number(broker.brokers.split(":")[1]);
  const log = openTopicLog({ brokers: broker.brokers, timeoutMs: 60_000 });
  await log.createTopic("load", {
    partitions: PARTITIONS,
    config: { "segment.bytes": String(SEGMENT_BYTES) },
  });
  const stop = new AbortController();
  const loads = Array.from({ length: PARTITIONS }, (_, partition) => load(log, partition, stop.signal));
  const failed = Promise.all(loads).then(() => undefined);
  const random = seededRandom(Date.now());
  for (let i = 0; i < KILLS; i++) {
    await Promise.race([failed, sleep(random.double() * 300)]);
    await broker.end("SIGKILL");
    broker = await startBroker(program, data, port);
    expect(broker.events.filter((line) => !line.includes('"cut"'))).toEqual([]);
  }
  stop.abort();
  const ends = await Promise.all(loads);
  const committed = await log.committed("group", "load");
  let total = 0;
  for (const [partition, { next, stored }] of ends.entries()) {
    expect(committed.get(partition)).toBe(stored);
    const seen: string[] = [];
    for await (const { bytes, valueStarts, valueEnds } of log.read({
      topic: "load",
      partition,
      from: 0,
      to: next,
    }))
      for (const value of textsOf(bytes, valueStarts, valueEnds))
        seen.push((value ?? "").split(" ")[0] ?? "");
    expect(seen).toEqual(Array.from({ length: next }, (_, number) => String(number)));
    total += next;
  }
  expect((await log.offsets("load", "latest")).get(0)).toBe(ends[0]?.next);
  console.log(`${KILLS} kills, ${total} records, each of them there once`);
  expect(total).toBeGreaterThan(KILLS * 20);
  await log.close();
  await broker.end("SIGTERM");
});

test(`${TRANSACTION_KILLS} kills leave each transaction whole or undone: in both partitions, with its offset`, {
  timeout: 300_000 + TRANSACTION_KILLS * 20_000,
}, async () => {
  const data = join(folder, "transactions");
  let broker = await startBroker(program, data);
  const port = Number(broker.brokers.split(":")[1]);
  const log = openTopicLog({ brokers: broker.brokers, timeoutMs: 60_000 });
  await log.createTopic("both", { partitions: 2 });
  const transactor = new Transactor(port, "tx");
  const ends = new Map<number, string>();
  let isOver = false;
  const working = (async () => {
    for (let number = 0; !isOver; number++) {
      const end = await transactor.run("both", "group", number, number % 3 === 2 ? "abort" : "commit");
      ends.set(number, end);
      if (end === "not started") await sleep(5);
    }
  })();
  const random = seededRandom(Date.now());
  for (let i = 0; i < TRANSACTION_KILLS; i++) {
    await Promise.race([working, sleep(random.double() * 100)]);
    await broker.end("SIGKILL");
    broker = await startBroker(program, data, port);
    expect(broker.events.filter((line) => !line.includes('"cut"'))).toEqual([]);
  }
  isOver = true;
  await working;
  // Takes the id once more, so that nothing is open, then reads what is decided.
  await transactor.run("both", "group", ends.size, "abort");
  const latest = await log.offsets("both", "latest");
  expect(latest).toEqual(await log.offsets("both", "latest", { isolation: "uncommitted" }));
  const read = async (partition: number): Promise<number[]> => {
    const seen: number[] = [];
    const range = { topic: "both", partition, from: 0, to: latest.get(partition) ?? 0 };
    for await (const { bytes, valueStarts, valueEnds } of log.read(range))
      seen.push(...textsOf(bytes, valueStarts, valueEnds).map(Number));
    return seen;
  };
  const [first, second] = [await read(0), await read(1)];
  expect(first).toEqual(second);
  expect(first).toEqual([...new Set(first)].sort((a, b) => a - b));
  const known = (state: string) => [...ends].filter(([, end]) => end === state).map(([number]) => number);
  const seen = new Set(first);
  expect(known("committed").filter((number) => !seen.has(number))).toEqual([]);
  expect(first.filter((number) => number % 3 === 2)).toEqual([]);
  expect([...known("aborted"), ...known("not started")].filter((number) => seen.has(number))).toEqual([]);
  expect((await log.committed("group", "both")).get(0)).toBe((first.at(-1) ?? -1) + 1);
  console.log(
    `${TRANSACTION_KILLS} kills, ${ends.size} transactions, ${known("unknown").length} of them ended by a kill`,
  );
  expect(known("committed").length).toBeGreaterThan(TRANSACTION_KILLS);
  transactor.close();
  await log.close();
  await broker.end("SIGTERM");
});
