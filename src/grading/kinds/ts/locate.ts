import type { SourceMap } from "node:module";
import type { RawProblem } from "../../sandbox/protocol.ts";
import type { SubmissionProblem } from "../../verdict.ts";

/** A problem with the position in the learner's file of the innermost frame that is the learner's. */
export function locate(raw: RawProblem, bundleName: string, map: SourceMap): SubmissionProblem {
  const { problem, stack } = raw;
  if ((problem.kind !== "threw" && problem.kind !== "refused") || stack === undefined) return problem;
  const position = learnersPosition(stack, bundleName, map);
  if (position === undefined) return problem;
  if (problem.kind === "threw") return { ...problem, ...position };
  return { ...problem, file: position.file, line: position.line };
}

function learnersPosition(stack: string, bundleName: string, map: SourceMap) {
  for (const frame of stack.split("\n")) {
    const at = frame.lastIndexOf(`${bundleName}:`);
    const match = at < 0 ? null : /^(\d+):(\d+)/.exec(frame.slice(at + bundleName.length + 1));
    if (match === null) continue;
    const entry = map.findEntry(Number(match[1]) - 1, Number(match[2]) - 1);
    // A frame of a door's virtual module is ours, not the learner's.
    if (!("originalSource" in entry) || !entry.originalSource.startsWith("submission:")) continue;
    return {
      file: entry.originalSource.slice("submission:".length),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }
  return undefined;
}
