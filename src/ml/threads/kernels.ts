import { type BoostingMemory, boostingKernel } from "../trees/boosting-kernel.ts";
import { type ForestMemory, forestKernel } from "../trees/forest-kernel.ts";
import type { Kernel, Place } from "./team-control.ts";

/** What each kernel starts from: settings, and arrays that lie in shared memory. */
export interface KernelInputs {
  readonly boosting: BoostingMemory;
  readonly forest: ForestMemory;
}

export type KernelName = keyof KernelInputs;

const KERNELS: { readonly [K in KernelName]: (input: KernelInputs[K], place: Place) => Kernel } = {
  boosting: boostingKernel,
  forest: forestKernel,
};

export function createKernel<K extends KernelName>(name: K, input: KernelInputs[K], place: Place): Kernel {
  return KERNELS[name](input, place);
}
