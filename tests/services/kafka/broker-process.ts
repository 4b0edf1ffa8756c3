import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles the broker into one file that Node runs from anywhere. */
export async function bundleBroker(outfile: string): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(new URL("./children/broker.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "silent",
  });
  return outfile;
}

export interface BrokerProcess {
  readonly brokers: string;
  readonly process: ChildProcess;
  /** What it said went wrong. */
  readonly events: readonly string[];
  /** Ends it as a crash does, or (SIGTERM) in good order. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

/** Starts a bundled broker and waits until it serves. */
export async function startBroker(program: string, folder: string, port = 0): Promise<BrokerProcess> {
  const child = spawn(process.execPath, [program, folder, String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const events: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => events.push(line));
  const closed = once(child, "close");
  const brokers = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    void closed.then(() => reject(new Error(`the broker ended:\n${events.join("\n")}`)));
  });
  return {
    brokers,
    process: child,
    events,
    end: async (signal) => {
      child.kill(signal);
      await closed;
    },
  };
}
