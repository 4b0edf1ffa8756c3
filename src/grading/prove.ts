import type { Table } from "../core/table.ts";
import { type Text, verbatim } from "../core/text.ts";
import { type Cache, openMemoryCache } from "./cache.ts";
import { listCases } from "./cases/list.ts";
import { resultNames } from "./checks/run-check.ts";
import type { Files } from "./gradable.ts";
import { constantSubmission } from "./prove/constants.ts";
import {
  brokenSolution,
  constantsFindings,
  hiddenFindings,
  rightFindings,
  starterFindings,
  wrongFindings,
} from "./prove/graded-rules.ts";
import { describeVerdict, type GradedVariant, gradeVariant } from "./prove/graded-variants.ts";
import type { ProofFinding, ProofReport, ProofRequest } from "./prove/report.ts";
import { specFindings, textFindings, variantFindings } from "./prove/written-rules.ts";
import { openGrading } from "./run/grading.ts";
import { SolutionError } from "./run/remembered-solution.ts";

export type {
  ProofFinding,
  ProofReport,
  ProofRequest,
  ProofRule,
  ProvableExercise,
  TaskIds,
} from "./prove/report.ts";

/**
 * Proves one exercise: every rule of `taller dev check` that concerns it. What is written is checked first; then
 * each variant is graded in two worlds (day, seed, zone). All findings are gathered; only a declaration that
 * contradicts itself and a solution that does not run end the proof early.
 */
export async function proveExercise(asked: ProofRequest): Promise<ProofReport> {
  const request = { ...asked, outcomes: openMemoryCache() };
  const startedMs = request.clock.elapsed();
  const { exercise } = request;
  const findings: ProofFinding[] = [
    ...specFindings(exercise),
    ...textFindings(exercise, request.texts),
    ...(await variantFindings(exercise)),
  ];
  const variants: { variant: string; outcome: Text }[] = [];
  const run = async (
    variant: string,
    files: Files,
    judge: (graded: GradedVariant) => readonly ProofFinding[],
  ): Promise<GradedVariant> => {
    request.emit?.({ kind: "step-started", step: variant });
    const graded = await gradeVariant(request, variant, files);
    findings.push(...graded.findings, ...judge(graded));
    if (graded.verdict !== undefined) {
      variants.push({ variant, outcome: verbatim(describeVerdict(graded.verdict)) });
    }
    return graded;
  };
  const notes = notesOf(request);
  const report = (): ProofReport => ({
    exercise: exercise.id,
    findings,
    variants,
    notes,
    seconds: (request.clock.elapsed() - startedMs) / 1000,
  });
  if (findings.some(({ rule }) => rule === "spec")) return report();
  try {
    const constants = await constantsOf(request);
    await run("solution", exercise.solution, rightFindings);
    for (const [name, files] of Object.entries(exercise.right)) {
      await run(`right/${name}`, files, rightFindings);
    }
    await run("starter", exercise.starter, (graded) => starterFindings(exercise, graded));
    const wrong: GradedVariant[] = [];
    for (const [mistake, files] of Object.entries(exercise.wrong)) {
      wrong.push(await run(`wrong/${mistake}`, files, (graded) => wrongFindings(exercise, mistake, graded)));
    }
    findings.push(...hiddenFindings(exercise, wrong));
    if (constants !== undefined) await run("constants", constants, constantsFindings);
  } catch (error) {
    if (!(error instanceof SolutionError)) throw error;
    findings.push(brokenSolution(error));
  }
  return report();
}

/** For kind sql, the visible result as constants; undefined for the other kinds. */
async function constantsOf(request: ProofRequest & { readonly outcomes: Cache }): Promise<Files | undefined> {
  const { exercise } = request;
  const { spec } = exercise;
  const [visible] = listCases(spec);
  if (spec.kind !== "sql" || visible === undefined) return undefined;
  const grading = openGrading(request);
  try {
    const results: Record<string, Table> = {};
    await grading.onSolution(visible, async (solution) => {
      if (!("result" in solution)) return;
      for (const name of resultNames(spec)) {
        results[name] = await solution.result(spec.results === undefined ? undefined : name);
      }
    });
    return constantSubmission(spec, results);
  } finally {
    await grading.close();
  }
}

function notesOf({ exercise }: ProofRequest): Text[] {
  const { spec } = exercise;
  const notes: Text[] = [];
  if (spec.kind === "answers") {
    notes.push({
      es: "answers: un solo método, no se comparan las variantes correctas",
      en: "answers: one method only, right variants are not compared",
    });
  }
  const plain = (spec.edges ?? []).map((edge) => (typeof edge === "string" ? edge : edge.edge));
  const absent = (["empty", "one-row", "all-null"] as const).filter((edge) => !plain.includes(edge));
  if (spec.kind === "sql" && absent.length > 0) {
    notes.push({
      es: `sin los casos límite ${absent.join(", ")}`,
      en: `without the edge cases ${absent.join(", ")}`,
    });
  }
  return notes;
}
