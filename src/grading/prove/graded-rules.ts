import type { SolutionError } from "../run/remembered-solution.ts";
import { describeVerdict, type GradedVariant } from "./graded-variants.ts";
import type { ProofFinding, ProofRule, ProvableExercise } from "./report.ts";
import { hasHiddenData } from "./written-rules.ts";

/** The solution and every right variant pass, and compile without a type error. */
export function rightFindings({ variant, verdict }: GradedVariant): ProofFinding[] {
  if (verdict === undefined) return [];
  const findings: ProofFinding[] = [];
  if (!verdict.passed) {
    findings.push(
      finding(
        variant === "solution" ? "solution-passes" : "right-passes",
        variant,
        `no pasa: ${describeVerdict(verdict)}`,
        `it does not pass: ${describeVerdict(verdict)}`,
      ),
    );
  }
  for (const { file, line, message } of verdict.typeErrors) {
    findings.push(
      finding(
        "right-has-no-type-errors",
        variant,
        `${file}:${line} ${message}`,
        `${file}:${line} ${message}`,
      ),
    );
  }
  return findings;
}

/** The untouched starter fails first the declared check, and is judged: it does not crash. */
export function starterFindings(exercise: ProvableExercise, graded: GradedVariant): ProofFinding[] {
  const said = failsAs(graded, exercise.spec.starterFails);
  return said === undefined ? [] : [finding("starter-fails-as-declared", graded.variant, said.es, said.en)];
}

/** A wrong answer fails first the check that is declared for it, and is recognised as that mistake. */
export function wrongFindings(
  exercise: ProvableExercise,
  mistake: string,
  graded: GradedVariant,
): ProofFinding[] {
  const said = failsAs(graded, exercise.spec.wrong[mistake] ?? "");
  if (said !== undefined) return [finding("wrong-fails-as-declared", graded.variant, said.es, said.en)];
  const failure = graded.verdict?.checks.find((check) => check.passed === false);
  if (failure === undefined || failure.mistake === mistake) return [];
  const named = failure.mistake ?? "—";
  return [
    finding(
      "wrong-is-recognised",
      graded.variant,
      `se reconoce como «${named}» en ${failure.case}`,
      `it is recognised as "${named}" on ${failure.case}`,
    ),
  ];
}

/** One wrong answer at least passes all that the learner sees and fails on hidden data only. */
export function hiddenFindings({ spec }: ProvableExercise, wrong: readonly GradedVariant[]): ProofFinding[] {
  if (!hasHiddenData(spec)) return [];
  const isHidden = wrong.some(({ verdict }) => {
    const failure = verdict?.checks.find((check) => check.passed === false);
    return failure?.case !== undefined && failure.case !== "visible";
  });
  if (isHidden) return [];
  return [
    {
      rule: "wrong-on-hidden-only",
      detail: {
        es: "todas las respuestas erróneas fallan ya con los datos visibles",
        en: "every wrong answer fails on the visible data already",
      },
    },
  ];
}

export function constantsFindings({ variant, verdict }: GradedVariant): ProofFinding[] {
  if (verdict === undefined || !verdict.passed) return [];
  return [
    finding(
      "constants-fail",
      variant,
      "copiar el resultado visible como constantes pasa: los datos ocultos no lo distinguen",
      "copying the visible result as constants passes: the hidden data does not tell it apart",
    ),
  ];
}

/** The reference solution can't serve a case: nothing else can be judged. */
export function brokenSolution(error: SolutionError): ProofFinding {
  const text = `${error.case}: ${error.problem.kind}${"message" in error.problem ? ` ${error.problem.message}` : ""}`;
  return finding("solution-passes", "solution", `no funciona en ${text}`, `it does not run on ${text}`);
}

/** Undefined when the first failed check is this one. */
function failsAs({ verdict }: GradedVariant, check: string): { es: string; en: string } | undefined {
  if (verdict === undefined) return undefined;
  const failure = verdict.checks.find((one) => one.passed === false);
  if (failure?.id === check) return undefined;
  const got = describeVerdict(verdict);
  return { es: `debe fallar ${check}: ${got}`, en: `it must fail ${check}: ${got}` };
}

function finding(rule: ProofRule, variant: string, es: string, en: string): ProofFinding {
  return { rule, variant, detail: { es, en } };
}
