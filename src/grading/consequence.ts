import type { FailureReason } from "./verdict.ts";

/**
 * True when a failure says nothing that `earlier` did not say: its columns could not be compared because they
 * are missing or of another type, its rows are missing or too many because the keys are, or it says the same
 * sentence. Such a check is open, not failed: nobody knows yet whether it would hold.
 */
export function isConsequence(reason: FailureReason, earlier: FailureReason): boolean {
  if (reason.kind === "said" && earlier.kind === "said")
    return reason.text.en === earlier.text.en && reason.text.es === earlier.text.es;
  if (!("result" in reason && "result" in earlier) || reason.result !== earlier.result) return false;
  if (reason.kind === "columns" && earlier.kind === "columns")
    return reason.missing.every((name) => earlier.missing.includes(name)) && isUnordered(reason);
  if (reason.kind === "types" && earlier.kind === "types") {
    const known = new Set(earlier.columns.map(({ name }) => name));
    return reason.columns.every(({ name }) => known.has(name));
  }
  return (
    reason.kind === "rows" &&
    earlier.kind === "rows" &&
    reason.changed === 0 &&
    reason.missing === earlier.missing &&
    reason.extra === earlier.extra
  );
}

function isUnordered(reason: FailureReason & { readonly kind: "columns" }): boolean {
  return reason.expectedOrder === undefined;
}
