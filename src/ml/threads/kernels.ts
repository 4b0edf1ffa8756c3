import { type KMeansMemory, kmeansKernel } from "../cluster/kmeans-kernel.ts";
import { type LogisticMemory, logisticKernel } from "../linear/logistic-kernel.ts";
import { type ScoreMemory, scoreKernel } from "../model/score-kernel.ts";
import { type BoostingMemory, boostingKernel } from "../trees/boosting-kernel.ts";
import { type ForestMemory, forestKernel } from "../trees/forest-kernel.ts";
import type { Kernel, Place } from "./team-control.ts";

/** What each kernel starts from: settings, and arrays that lie in shared memory. */
export interface KernelInputs {
  readonly boosting: BoostingMemory;
  readonly forest: ForestMemory;
  readonly logistic: LogisticMemory;
  readonly kmeans: KMeansMemory;
  readonly score: ScoreMemory;
}

export type KernelName = keyof KernelInputs;

const KERNELS: { readonly [K in KernelName]: (input: KernelInputs[K], place: Place) => Kernel } = {
  boosting: boostingKernel,
  forest: forestKernel,
  logistic: logisticKernel,
  kmeans: kmeansKernel,
  score: scoreKernel,
};

export function createKernel<K extends KernelName>(name: K, input: KernelInputs[K], place: Place): Kernel {
  return KERNELS[name](input, place);
}
