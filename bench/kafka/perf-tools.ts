import { measureProcess } from "../process-cost.ts";
import { javaCommand } from "./apache-kafka.ts";

export interface ProducerFigures {
  readonly recordsPerSecond: number;
  readonly p99Ms: number;
}

/** Kafka's ProducerPerformance: as fast as it goes, defaults but for acks. */
export async function producerPerformance(input: {
  readonly brokers: string;
  readonly topic: string;
  readonly records: number;
  readonly sizeBytes: number;
  readonly acks: string;
}): Promise<ProducerFigures> {
  const out = await runJava("org.apache.kafka.tools.ProducerPerformance", [
    ...["--topic", input.topic, "--num-records", String(input.records)],
    ...["--record-size", String(input.sizeBytes), "--throughput", "-1"],
    ...["--producer-props", `bootstrap.servers=${input.brokers}`, `acks=${input.acks}`],
  ]);
  const line = out.trim().split("\n").at(-1) ?? "";
  const [, rate] = /, ([\d.]+) records\/sec/.exec(line) ?? [];
  const [, p99] = /, (\d+) ms 99th/.exec(line) ?? [];
  if (rate === undefined || p99 === undefined) throw new Error(`ProducerPerformance said: ${out}`);
  return { recordsPerSecond: Number(rate), p99Ms: Number(p99) };
}

/** Kafka's ConsumerPerformance over a whole topic; records a second of fetching, joining the group left out. */
export async function consumerPerformance(input: {
  readonly brokers: string;
  readonly topic: string;
  readonly records: number;
}): Promise<number> {
  const out = await runJava("org.apache.kafka.tools.ConsumerPerformance", [
    ...["--bootstrap-server", input.brokers, "--topic", input.topic],
    ...["--messages", String(input.records), "--timeout", "60000"],
  ]);
  const lines = out.trim().split("\n");
  const at = lines.findIndex((line) => line.includes("fetch.nMsg.sec"));
  const names = (lines[at] ?? "").split(",").map((name) => name.trim());
  const values = (lines[at + 1] ?? "").split(",").map((value) => Number(value.trim()));
  const rate = values[names.indexOf("fetch.nMsg.sec")];
  if (rate === undefined || Number.isNaN(rate)) throw new Error(`ConsumerPerformance said: ${out}`);
  return rate;
}

async function runJava(main: string, args: readonly string[]): Promise<string> {
  const { command, args: all } = javaCommand(main, args);
  const cost = await measureProcess(command, all);
  if (cost.exitCode !== 0)
    throw new Error(`${main} ended with ${cost.exitCode}:\n${cost.stdout}\n${cost.stderr}`);
  return cost.stdout;
}
