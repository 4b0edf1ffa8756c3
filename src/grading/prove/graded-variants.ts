import { isDeepStrictEqual } from "node:util";
import { CancelledError, messageOf, UserError } from "../../core/errors.ts";
import type { Cache } from "../cache.ts";
import { DEFAULT_WORLD, type Files, type GradingWorld } from "../gradable.ts";
import { grade } from "../grade.ts";
import type { Verdict } from "../verdict.ts";
import type { ProofFinding, ProofRequest } from "./report.ts";

/** Another day, another seed, another zone: a verdict that depends on one of them is not fit to be given. */
const OTHER_WORLD: GradingWorld = { clockMs: Date.UTC(2031, 6, 19, 23, 30), seed: 99 };
const OTHER_ZONE = "Pacific/Kiritimati";

export interface GradedVariant {
  /** `solution`, `starter`, `right/join`, `wrong/off-by-one`, `constants` */
  readonly variant: string;
  /** Undefined when a check threw; the findings say so. */
  readonly verdict: Verdict | undefined;
  readonly findings: readonly ProofFinding[];
}

/** Grades one variant in two worlds; the verdict is that of the usual one. */
export async function gradeVariant(
  request: ProofRequest & { readonly outcomes: Cache },
  variant: string,
  submission: Files,
): Promise<GradedVariant> {
  try {
    const verdict = await grade({ ...request, submission, world: DEFAULT_WORLD });
    const again = await inZone(OTHER_ZONE, () =>
      grade({ ...request, submission, world: OTHER_WORLD, typeCheck: false }),
    );
    const isStable = isDeepStrictEqual(timeless(verdict), timeless(again));
    return { variant, verdict, findings: isStable ? [] : [unstable(variant, verdict, again)] };
  } catch (error) {
    if (error instanceof CancelledError || error instanceof UserError) throw error;
    return { variant, verdict: undefined, findings: [thrown(variant, error)] };
  }
}

/** What a verdict says, without how long it took; type errors are looked for once. */
function timeless(verdict: Verdict): unknown {
  return { ...verdict, seconds: 0, typeErrors: [] };
}

/** The submission's zone is UTC always; ours, in which the checks run, is the machine's. */
async function inZone<T>(zone: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

function unstable(variant: string, one: Verdict, other: Verdict): ProofFinding {
  const [first, second] = [describeVerdict(one), describeVerdict(other)];
  return {
    rule: "verdict-is-stable",
    variant,
    detail: {
      es: `con otro día, otra semilla y otra zona horaria el veredicto cambia: ${first} / ${second}`,
      en: `with another day, seed and time zone the verdict changes: ${first} / ${second}`,
    },
  };
}

function thrown(variant: string, error: unknown): ProofFinding {
  const at = error instanceof Error ? (error.stack?.split("\n")[1]?.trim() ?? "") : "";
  const text = `${messageOf(error)} ${at}`.trim();
  return {
    rule: "checks-do-not-throw",
    variant,
    detail: { es: `una comprobación lanza: ${text}`, en: `a check throws: ${text}` },
  };
}

/** `failed rows on seed-101 (off-by-one)`, `error threw on visible`, `passed`: ids, the same in every language. */
export function describeVerdict(verdict: Verdict): string {
  const failure = verdict.checks.find((check) => check.passed === false);
  if (failure !== undefined) {
    const mistake = failure.mistake === undefined ? "" : ` (${failure.mistake})`;
    return `${verdict.state} ${failure.id} on ${failure.case}${mistake}`;
  }
  if (verdict.problem === undefined) return verdict.state;
  const message = "message" in verdict.problem ? `: ${verdict.problem.message}` : "";
  const on = verdict.problemCase === undefined ? "" : ` on ${verdict.problemCase}`;
  return `${verdict.state} ${verdict.problem.kind}${on}${message}`;
}
