import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { startApacheKafka } from "./apache-kafka.ts";

/** A broker that runs as a process of its own, and what it has cost so far. */
export interface MeasuredBroker {
  readonly name: string;
  readonly brokers: string;
  /** Seconds of CPU; NaN where `/proc` is missing. */
  cpuSeconds(): number;
  /** The largest resident memory so far, in bytes; NaN where `/proc` is missing. */
  peakBytes(): number;
  stop(): Promise<void>;
}

/** Ours, from the sources as they are compiled. */
export async function startOurs(folder: string): Promise<MeasuredBroker> {
  const server = new URL("../../src/services/kafka/embedded/server.js", import.meta.url).href;
  const program = `
    import(process.argv[1]).then(async ({ startKafka }) => {
      const server = await startKafka({ folder: process.argv[2] });
      console.log(server.brokers);
    });`;
  const child = spawn(process.execPath, ["-e", program, server, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const brokers = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    void closed.then(() => reject(new Error("the embedded broker ended")));
  });
  return {
    name: "taller",
    brokers,
    ...costOf(child.pid ?? 0),
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

export async function startApache(): Promise<MeasuredBroker> {
  const kafka = await startApacheKafka();
  return { name: "Apache Kafka 4.3.1", ...kafka, ...costOf(kafka.pid) };
}

/** Linux reports CPU time in these whatever the kernel's own tick is (USER_HZ, man 5 proc). */
const TICKS_PER_SECOND = 100;

function costOf(pid: number): Pick<MeasuredBroker, "cpuSeconds" | "peakBytes"> {
  return {
    cpuSeconds: () => {
      const stat = read(`/proc/${pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    peakBytes: () => Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]) * 1024,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
