import type { EventTimeStats } from "../physical-plan.ts";

export type WatermarkPolicy = "min" | "max";

/**
 * The query's watermark, milliseconds: the least (or greatest) of its operators', never going back. An operator
 * that has seen nothing counts as 0. After a restart all operators start from nothing: rule 1.
 * [WatermarkTracker.scala]
 */
export class WatermarkTracker {
  readonly policy: WatermarkPolicy;
  private readonly operators: (number | undefined)[] = [];
  private global: number;

  constructor(policy: WatermarkPolicy, startMs: number) {
    this.policy = policy;
    this.global = startMs;
  }

  get currentMs(): number {
    return this.global;
  }

  /** Takes in what each watermark operator saw in a batch. */
  update(operators: readonly { readonly delayMs: number; readonly stats: EventTimeStats }[]): void {
    if (operators.length === 0) return;
    operators.forEach(({ delayMs, stats }, i) => {
      const before = this.operators[i];
      const seen = stats.count === 0 ? undefined : stats.maxMs - delayMs;
      if (seen !== undefined && (before === undefined || seen > before)) this.operators[i] = seen;
      else if (before === undefined) this.operators[i] = 0;
    });
    const all = this.operators.map((one) => one ?? 0);
    const chosen = this.policy === "min" ? Math.min(...all) : Math.max(...all);
    if (chosen > this.global) this.global = chosen;
  }
}
