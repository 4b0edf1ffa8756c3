import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { openTopicLog } from "../../src/services/kafka/topic-log.ts";

/** Apache Kafka with its tools and the Python clients, as `bash tests/real/setup.sh kafka` installs them. */
const home = join(
  process.env.TALLER_REAL_HOME ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "taller-real"),
  "kafka",
);

export const isKafkaInstalled = existsSync(join(home, "ready"));
export const isKafkaRequired = (process.env.TALLER_REQUIRE ?? "").split(",").includes("kafka");
export const python = join(home, "venv", "bin", "python");

const java = process.env.JAVA_HOME === undefined ? "java" : join(process.env.JAVA_HOME, "bin", "java");
const LOG4J = `<Configuration status="error"><Appenders><Console name="out"><PatternLayout pattern="%p %m%n"/></Console>
</Appenders><Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers></Configuration>`;

/** What to start for one of Kafka's Java programs. */
export function javaCommand(
  main: string,
  args: readonly string[],
  options: { readonly heapMb?: number } = {},
) {
  return {
    command: java,
    args: [`-Xmx${options.heapMb ?? 512}m`, "-cp", `${join(home, "jars", "*")}${delimiter}.`, main, ...args],
  };
}

export interface ApacheKafka {
  readonly brokers: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Formats and starts one node with settings that suit a single one; resolves when it serves. */
export async function startApacheKafka(): Promise<ApacheKafka> {
  const folder = await mkdtemp(join(tmpdir(), "taller-real-kafka-"));
  const [port, controller] = await Promise.all([freePort(), freePort()]);
  const config = join(folder, "server.properties");
  await writeFile(config, properties({ folder, port, controller }));
  await writeFile(join(folder, "log4j2.xml"), LOG4J);
  const format = javaCommand("kafka.tools.StorageTool", [
    "format",
    "--cluster-id",
    "dGFsbGVyLXJlYWwta2Fma2E",
    "--config",
    config,
  ]);
  const formatted = spawnSync(format.command, format.args, { encoding: "utf8", cwd: folder });
  if (formatted.status !== 0) throw new Error(`format: ${formatted.stdout}\n${formatted.stderr}`);
  const { command, args } = javaCommand("kafka.Kafka", [config]);
  const child = spawn(command, ["-Dlog4j2.configurationFile=log4j2.xml", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      if (said.length > 200) said.shift();
    });
  const closed = once(child, "close");
  const brokers = `127.0.0.1:${port}`;
  try {
    await untilServing(brokers, () => child.exitCode === null);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`Kafka did not start:\n${said.join("")}`, { cause: error });
  }
  return {
    brokers,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const START_MS = 90_000;

async function untilServing(brokers: string, isRunning: () => boolean): Promise<void> {
  const deadline = performance.now() + START_MS;
  const probe = openTopicLog({ brokers, timeoutMs: 1_000 });
  try {
    for (;;) {
      try {
        await probe.createTopic("taller.probe");
        return;
      } catch (error) {
        if (!isRunning() || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    await probe.close();
  }
}

function properties({
  folder,
  port,
  controller,
}: {
  folder: string;
  port: number;
  controller: number;
}): string {
  return [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names=CONTROLLER",
    `log.dirs=${join(folder, "data").replaceAll("\\", "/")}`,
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=4",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=4",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "",
  ].join("\n");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });
}
