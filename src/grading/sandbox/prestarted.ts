import { type HarnessName, harnessPath } from "./harness-path.ts";
import { SandboxProcess } from "./process.ts";
import { makeRunFolder, type RunFolder, removeRunFolder, sweepLeftRuns } from "./run-folder.ts";

export interface Claim {
  readonly harness: HarnessName;
  readonly memoryMb: number;
  /** What the harness reads beside its bundle (an engine's binding, its assets). */
  readonly readPaths: readonly string[];
  readonly allowsAddons: boolean;
  /** Given to the harness after its path. */
  readonly harnessArguments: readonly string[];
}

/** Kinds of process started ahead, one each at most. */
const waiting = new Map<string, Promise<SandboxProcess>>();
let hasSwept = false;

/** Starts the next process of this kind ahead; it waits, asleep, and does not keep ours alive. */
export function prestartProcess(claim: Claim): void {
  const key = JSON.stringify(claim);
  if (!waiting.has(key)) waiting.set(key, spawnProcess(claim, makeRunFolder()));
}

/** A process of this kind that nobody has used: the one started ahead, else a new one. */
export async function claimProcess(claim: Claim): Promise<SandboxProcess> {
  if (!hasSwept) {
    hasSwept = true;
    // Beside the work: what is left of another run is in nobody's way. A folder that can't be removed stays.
    void sweepLeftRuns().catch(() => undefined);
  }
  const key = JSON.stringify(claim);
  const ahead = waiting.get(key);
  waiting.delete(key);
  const started = await ahead;
  if (started !== undefined && started.ending === undefined) return started;
  return spawnProcess(claim, makeRunFolder());
}

/** A new process on a folder that has been used: after a crash, on what was written before it. */
export async function spawnProcess(claim: Claim, folder: RunFolder): Promise<SandboxProcess> {
  return new SandboxProcess({ ...claim, harnessPath: await harnessPath(claim.harness) }, folder);
}

/** Ends the processes that were started ahead and removes their folders. */
export async function endPrestarted(): Promise<void> {
  const ahead = [...waiting.values()];
  waiting.clear();
  for (const started of ahead) {
    const unused = await started;
    await unused.end({ kind: "ended-early", exitCode: null, signal: null });
    await removeRunFolder(unused.folder);
  }
}
