import type { ProofReport, ProofRequest } from "./prove/report.ts";

export type {
  ProofFinding,
  ProofReport,
  ProofRequest,
  ProofRule,
  ProvableExercise,
  TaskIds,
} from "./prove/report.ts";

/** Proves one exercise: every rule of `taller dev check` that can be shown by grading its variants. */
export async function proveExercise(request: ProofRequest): Promise<ProofReport> {
  throw new Error(`prove ${request.exercise.id}: not written yet`);
}
