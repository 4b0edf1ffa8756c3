import type { EventTimeStats } from "../physical-plan.ts";

export type WatermarkPolicy = "min" | "max";

/**
 * The query's watermark, milliseconds: the least (or greatest) of its operators', never going back. An operator
 * that has seen nothing counts as 0. After a restart all operators start from nothing: rule 1.
 * [WatermarkTracker.scala]
 */
export class WatermarkTracker {
  readonly policy: WatermarkPolicy;
  /** By the watermark's id: copies of one, of a stream that is used twice, count as one. */
  private readonly operators = new Map<number, number>();
  private global: number;

  constructor(policy: WatermarkPolicy, startMs: number) {
    this.policy = policy;
    this.global = startMs;
  }

  get currentMs(): number {
    return this.global;
  }

  /** Takes in what each watermark operator saw in a batch. */
  update(
    operators: readonly { readonly id: number; readonly delayMs: number; readonly stats: EventTimeStats }[],
  ): void {
    if (operators.length === 0) return;
    for (const { id, delayMs, stats } of operators) {
      const before = this.operators.get(id);
      const seen = stats.count === 0 ? undefined : stats.maxMs - delayMs;
      if (seen !== undefined && (before === undefined || seen > before)) this.operators.set(id, seen);
      else if (before === undefined) this.operators.set(id, 0);
    }
    const all = [...this.operators.values()];
    const chosen = this.policy === "min" ? Math.min(...all) : Math.max(...all);
    if (chosen > this.global) this.global = chosen;
  }
}
