import type { Lang, Text } from "../../core/text.ts";
import type { Files, GradableExercise, GradingPlace } from "../gradable.ts";

export interface ProvableExercise extends GradableExercise {
  readonly starter: Files;
  /** By variant name. */
  readonly right: Readonly<Record<string, Files>>;
}

/** The ids that an exercise's task texts name, per language. */
export type TaskIds = Readonly<
  Record<Lang, { readonly checks: readonly string[]; readonly mistakes: readonly string[] }>
>;

export interface ProofRequest extends GradingPlace {
  readonly exercise: ProvableExercise;
  readonly texts: TaskIds;
}

/** What `taller dev check` says of one exercise; proven when `findings` is empty. */
export interface ProofReport {
  readonly exercise: string;
  readonly findings: readonly ProofFinding[];
  /** What was graded and held, for the report: `solution`, `starter`, `right/join`, `wrong/off-by-one`. */
  readonly variants: readonly { readonly variant: string; readonly outcome: Text }[];
  /** Rules that do not apply to this exercise, and why. */
  readonly notes: readonly Text[];
  readonly seconds: number;
}

export interface ProofFinding {
  readonly rule: ProofRule;
  /** `wrong/off-by-one`; absent when the finding is about the exercise. */
  readonly variant?: string | undefined;
  readonly detail: Text;
}

export type ProofRule =
  /** The spec contradicts itself: a check named twice, or named and not there; no hidden data. */
  | "spec"
  | "solution-passes"
  | "right-passes"
  /** The solution and the right variants are shown to learners: they have no type errors. */
  | "right-has-no-type-errors"
  /** A check must judge any submission; one that throws is the author's bug. */
  | "checks-do-not-throw"
  | "starter-fails-as-declared"
  | "wrong-fails-as-declared"
  | "wrong-is-recognised"
  | "mistakes-have-texts"
  | "checks-have-texts"
  | "three-wrong"
  /** One wrong answer passes the visible data and fails on hidden data. */
  | "wrong-on-hidden-only"
  | "constants-fail"
  | "two-right"
  | "right-differ-in-method"
  | "verdict-is-stable";
