import { enterSandbox } from "../harness/enter-sandbox.ts";
import { learnerDoor } from "../harness/learner-door.ts";
import { type Exports, loadBundle } from "../harness/load-bundle.ts";
import type { BundleInit, TsRequest } from "./protocol.ts";

// The sandbox of kind `ts`: loads the submission's bundle and calls its exports.
const sandbox = enterSandbox();
let loading: Promise<Exports> | undefined;

sandbox.serve(async (body) => {
  const request = body as TsRequest;
  loading ??= loadBundle(sandbox.init as BundleInit, { taller: learnerDoor() }, sandbox.guarded);
  const exported = await loading;
  if (request.kind === "load") return Object.keys(exported).filter((n) => typeof exported[n] === "function");
  const called = exported[request.name];
  if (typeof called !== "function") throw new TypeError(`${request.name} is not a function`);
  return await called(...request.args);
});
