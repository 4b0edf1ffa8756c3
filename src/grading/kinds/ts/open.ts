import { join } from "node:path";
import type { Limits, RouterExercise, TsExercise, TsSubmission } from "../../exercise.ts";
import { doorNames } from "../../sandbox/harness-path.ts";
import { type Claim, prestartProcess } from "../../sandbox/prestarted.ts";
import { DEFAULT_CLOCK_MS, DEFAULT_SEED, resolveLimits } from "../limits.ts";
import { type CasePlan, ProcessCase } from "../process-case.ts";
import {
  type CaseWorld,
  type OpenedSubmission,
  type PreparedSubmission,
  SubmissionError,
} from "../submission.ts";
import { type Bundle, bundleSubmission } from "./bundle.ts";
import { locate } from "./locate.ts";
import type { BundleInit, TsRequest } from "./protocol.ts";

export type CodeExercise = TsExercise | RouterExercise;

/** Bundles a submission of kind `ts`, and starts its first process meanwhile. */
export async function prepareTs(
  spec: TsExercise,
  files: Readonly<Record<string, string>>,
): Promise<PreparedSubmission<"ts">> {
  const bundle = await bundleAhead(spec, files);
  return { kind: "ts", files, open: (world) => openTs(spec, bundle, world), close: async () => {} };
}

function openTs(spec: TsExercise, bundle: Bundle, world: CaseWorld): OpenedSubmission<"ts"> {
  const running = new ProcessCase(codePlan(spec, bundle, world, (found) => checkExports(spec, found)));
  const handle: TsSubmission = {
    start: () => running.start(),
    kill: () => running.kill(),
    restart: () => running.restart(),
    call: (name, ...args) => running.ask({ kind: "call", name, args } satisfies TsRequest),
  };
  return { handle, output: () => running.output(), close: () => running.close() };
}

/** Strips the types once for all cases; the process of the first case comes up beside it. */
export async function bundleAhead(
  spec: CodeExercise,
  contents: Readonly<Record<string, string>>,
): Promise<Bundle> {
  prestartProcess(codeClaim(spec.kind, spec.limits));
  const doors = await doorNames(spec.kind);
  return bundleSubmission({ files: spec.files, contents, doors });
}

/** What kinds `ts` and `router` share: the bundle in the run's folder, loaded by the kind's harness. */
export function codePlan(
  spec: CodeExercise,
  bundle: Bundle,
  world: CaseWorld,
  check: (answer: unknown) => void,
): CasePlan {
  return {
    claim: codeClaim(spec.kind, spec.limits),
    limits: resolveLimits(spec.limits),
    clockMs: world.clockMs ?? DEFAULT_CLOCK_MS,
    seed: world.seed ?? DEFAULT_SEED,
    signal: world.signal,
    files: { [bundle.name]: bundle.code },
    init: (folder): BundleInit => ({ path: join(folder, bundle.name), format: bundle.format }),
    locate: (raw) => locate(raw, bundle.name, bundle.map),
    load: { body: { kind: "load" }, check },
  };
}

/** What a process of these kinds needs; `limits` are the exercise's, default its defaults. */
export function codeClaim(harness: CodeExercise["kind"], limits?: Limits): Claim {
  const { memoryMb } = resolveLimits(limits);
  return { harness, memoryMb, readPaths: [], allowsAddons: false, harnessArguments: [] };
}

function checkExports(spec: TsExercise, answer: unknown): void {
  const found = Array.isArray(answer) ? answer.map(String) : [];
  const missing = spec.exports.find((name) => !found.includes(name));
  if (missing !== undefined) throw new SubmissionError({ kind: "missing-export", name: missing, found });
}
