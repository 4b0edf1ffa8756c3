import { invalid } from "../mlflow-error.ts";

/** Which of the deleted ones a search sees. */
export const VIEW_TYPES = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;
export type View = keyof typeof VIEW_TYPES;

export function isInView(stage: "active" | "deleted", view: View | undefined): boolean {
  return view === "ALL" || stage === (view === "DELETED_ONLY" ? "deleted" : "active");
}

/** `max_results` that a client gave; throws when it is no count, or above the limit. */
export function positive(maxResults: number, limit: number): number {
  if (maxResults < 1) {
    throw invalid(
      `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be a positive integer`,
    );
  }
  if (maxResults > limit) {
    throw invalid(
      `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be at most ${limit}`,
    );
  }
  return maxResults;
}
