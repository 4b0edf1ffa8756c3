import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";
import { isKafkaInstalled } from "./kafka/apache-kafka.ts";
import { type MeasuredBroker, startApache, startOurs } from "./kafka/broker-process.ts";
import { consumerPerformance, producerPerformance } from "./kafka/perf-tools.ts";
import { measureProcess } from "./process-cost.ts";

const kafkajs = fileURLToPath(new URL("../../bench/peers/kafka_kafkajs.mjs", import.meta.url));
const ACKS = ["1", "all"] as const;

interface Figures {
  readonly produced: Readonly<Record<string, number>>;
  readonly p99Ms: Readonly<Record<string, number>>;
  readonly consumed: number;
  readonly kafkajs: { readonly produced: number; readonly consumed: number };
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/**
 * The embedded broker against Apache Kafka: Kafka's own ProducerPerformance and ConsumerPerformance (`--records`
 * 2,000,000 of `--size` 200 bytes, acks 1 and all), and kafkajs. Each broker is one process, started for this; the
 * median of `--runs` (3) turns, the brokers in turn.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  if (!isKafkaInstalled) throw new Error("Kafka's tools are not here: bash tests/real/setup.sh kafka");
  const records = Number(options.flags.records ?? 2_000_000);
  const sizeBytes = Number(options.flags.size ?? 200);
  const runs = Number(options.flags.runs ?? 3);
  const ours: Figures[] = [];
  const peer: Figures[] = [];
  for (let turn = 0; turn < runs; turn++) {
    const folder = join(options.folder, `ours-${turn}`);
    await mkdir(folder, { recursive: true });
    ours.push(await measure(await startOurs(folder), { records, sizeBytes, say: options.say }));
    if (options.flags.peer !== "no")
      peer.push(await measure(await startApache(), { records, sizeBytes, say: options.say }));
  }
  return rowsOf({ ours, peer, name: `${records.toLocaleString("en")} × ${sizeBytes} B` });
}

async function measure(
  broker: MeasuredBroker,
  input: { readonly records: number; readonly sizeBytes: number; readonly say: (line: string) => void },
): Promise<Figures> {
  const { records, sizeBytes } = input;
  const { brokers } = broker;
  try {
    const produced: Record<string, number> = {};
    const p99Ms: Record<string, number> = {};
    // A short turn first: both brokers are warm when it counts.
    await producerPerformance({ brokers, topic: "warm", records: records / 10, sizeBytes, acks: "1" });
    const before = broker.cpuSeconds();
    for (const acks of ACKS) {
      const figures = await producerPerformance({ brokers, topic: `acks-${acks}`, records, sizeBytes, acks });
      produced[acks] = figures.recordsPerSecond;
      p99Ms[acks] = figures.p99Ms;
    }
    const consumed = await consumerPerformance({ brokers, topic: "acks-1", records });
    const cpuSeconds = broker.cpuSeconds() - before;
    const by = await byKafkajs(brokers, Math.min(records, 200_000), sizeBytes);
    const figures = { produced, p99Ms, consumed, kafkajs: by, cpuSeconds, peakBytes: broker.peakBytes() };
    input.say(`${broker.name}: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await broker.stop();
  }
}

async function byKafkajs(brokers: string, records: number, sizeBytes: number): Promise<Figures["kafkajs"]> {
  const cost = await measureProcess(process.execPath, [
    kafkajs,
    brokers,
    "kafkajs",
    String(records),
    String(sizeBytes),
  ]);
  if (cost.exitCode !== 0) throw new Error(`kafkajs ended with ${cost.exitCode}:\n${cost.stderr}`);
  return JSON.parse(cost.stdout.trim().split("\n").at(-1) ?? "") as Figures["kafkajs"];
}

function rowsOf(input: {
  readonly ours: readonly Figures[];
  readonly peer: readonly Figures[];
  readonly name: string;
}): BenchRow[] {
  const row = (
    metric: string,
    unit: string,
    pick: (figures: Figures) => number,
    aim?: { readonly atLeast?: number; readonly atMost?: number },
  ): BenchRow =>
    benchRow({
      bench: "services-kafka",
      case: input.name,
      metric,
      unit,
      ours: median(input.ours.map(pick)),
      peer: "Apache Kafka 4.3.1",
      peerValue: input.peer.length === 0 ? null : median(input.peer.map(pick)),
      ...(aim === undefined ? {} : { aim: { on: "ratio", ...aim } as const }),
    });
  return [
    ...ACKS.map((acks) =>
      row(`produce, acks=${acks}`, "records/s", ({ produced }) => produced[acks] ?? Number.NaN, {
        atLeast: 1,
      }),
    ),
    ...ACKS.map((acks) => row(`produce p99, acks=${acks}`, "ms", ({ p99Ms }) => p99Ms[acks] ?? Number.NaN)),
    row("consume", "records/s", ({ consumed }) => consumed, { atLeast: 1 }),
    row("produce by kafkajs", "records/s", (figures) => figures.kafkajs.produced),
    row("consume by kafkajs", "records/s", (figures) => figures.kafkajs.consumed),
    row("broker CPU, Kafka's tools", "s", ({ cpuSeconds }) => cpuSeconds),
    row("broker memory, peak", "MB", ({ peakBytes }) => peakBytes / 1e6, { atMost: 0.333 }),
  ];
}
