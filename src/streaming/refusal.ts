import { UserError } from "../core/errors.ts";
import type { Text } from "../core/text.ts";

/** When a query is refused: while it is built, when it is started, or while it runs. */
export type RefusalStage = "build" | "start" | "run";

export interface RefusalInput {
  readonly stage: RefusalStage;
  /** The condition of Spark's error, to look it up there; several of ours may share one. */
  readonly condition: string;
  /** The rule of docs/streaming.md that says why, 1–19. */
  readonly rule: number;
  /** English, kebab-case, stable. */
  readonly code: string;
  readonly what: Text;
  readonly next?: readonly Text[] | undefined;
  readonly where?: string | undefined;
}

/** A query that Spark refuses too: our words, the rule, and the name of Spark's condition. */
export class StreamingRefusal extends UserError {
  readonly stage: RefusalStage;
  readonly condition: string;
  readonly rule: number;

  constructor(input: RefusalInput) {
    super({
      fault: input.stage === "run" ? "data" : "usage",
      code: input.code,
      what: {
        es: `${input.what.es} (regla ${input.rule}; en Spark: ${input.condition})`,
        en: `${input.what.en} (rule ${input.rule}; in Spark: ${input.condition})`,
      },
      where: input.where,
      next: input.next,
    });
    this.name = "StreamingRefusal";
    this.stage = input.stage;
    this.condition = input.condition;
    this.rule = input.rule;
  }
}
