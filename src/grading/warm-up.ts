import { throwIfCancelled } from "../core/errors.ts";
import { listCases } from "./cases/list.ts";
import { type GradingRequest, openGrading } from "./run/grading.ts";

/**
 * Fills the cache with what a failing verdict compares with: every wrong answer on every case, and the
 * solution's answers on the way. For idle moments of `watch`; a verdict that comes earlier fills what it needs.
 */
export async function warmUp(request: GradingRequest): Promise<void> {
  const grading = openGrading(request);
  try {
    for (const one of listCases(request.exercise.spec)) {
      for (const mistake of Object.keys(request.exercise.wrong)) {
        throwIfCancelled(request.signal);
        await grading.runWrong(mistake, one);
      }
    }
  } finally {
    await grading.close();
  }
}
