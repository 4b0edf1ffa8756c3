import * as taller from "../../../index.ts";
import { openChannel } from "../harness/channel.ts";
import { closeDoors, closePipes, type OnRefused } from "../harness/close-doors.ts";
import { importBundle } from "../harness/import-bundle.ts";
import { assertPlainData } from "../harness/plain-data.ts";
import { printAtOnce } from "../harness/print-at-once.ts";
import { rawProblemOf } from "../harness/raw-problem.ts";
import { reportCrashes, serve } from "../harness/serve.ts";
import { setWorld } from "../harness/world.ts";
import type { BundleInit, TsRequest } from "./protocol.ts";

// The sandbox of kind `ts`: loads the submission's bundle and calls its exports. What takes time comes before
// the channel, on which it sleeps until it is begun: a process that was started ahead has it behind it.
printAtOnce();
const onRefused: OnRefused = (error) => channel.send({ kind: "refused", problem: rawProblemOf(error) });
closeDoors(onRefused);
const channel = openChannel();
setWorld(channel.begin.clockMs, channel.begin.seed);
reportCrashes(channel);
channel.send({ kind: "booted" });

let loading: Promise<Readonly<Record<string, unknown>>> | undefined;

closePipes(
  serve(channel, answer, (value) => assertPlainData(value, "result")),
  onRefused,
);

async function answer(body: unknown): Promise<unknown> {
  const request = body as TsRequest;
  const exported = await load();
  if (request.kind === "load") return Object.keys(exported).filter((n) => typeof exported[n] === "function");
  const called = exported[request.name];
  if (typeof called !== "function") throw new TypeError(`${request.name} is not a function`);
  return await called(...request.args);
}

function load(): Promise<Readonly<Record<string, unknown>>> {
  loading ??= importBundle((channel.begin.init as BundleInit).bundleUrl, { taller });
  return loading;
}
