import type { Task } from "../course/course.ts";
import type { Verdict } from "../grading/verdict.ts";
import { renderProblem } from "./ui/problem.ts";
import { renderReason } from "./ui/reason.ts";
import type { Look } from "./ui/terminal.ts";

/** A verdict for programs (docs/json.md): ids in English, texts in the language asked for, nothing wrapped or coloured. */
export function verdictJson(
  verdict: Verdict,
  task: Pick<Task, "checks" | "mistakes">,
  look: Look,
): Record<string, unknown> {
  const flat: Look = { ...look, columns: 10_000, isPlain: true };
  return {
    exercise: verdict.exercise,
    version: verdict.version,
    passed: verdict.passed,
    state: verdict.state,
    seconds: verdict.seconds,
    typeErrors: verdict.typeErrors,
    checks: verdict.checks.map((check) => {
      const mistake = check.mistake ?? check.failure?.mistake;
      return {
        id: check.id,
        passed: check.passed,
        title: task.checks[check.id],
        case: check.case,
        mistake,
        message: check.failure === undefined ? undefined : messageOf(check.failure, flat),
        explanation: mistake === undefined ? undefined : explanationOf(task, mistake),
      };
    }),
    problem:
      verdict.problem === undefined
        ? undefined
        : { ...verdict.problem, message: renderProblem(verdict.problem, flat).join("\n") },
  };
}

function messageOf(failure: NonNullable<Verdict["checks"][number]["failure"]>, look: Look): string {
  return renderReason(failure.reason, look).join("\n").trim();
}

function explanationOf(task: Pick<Task, "mistakes">, mistake: string): string | undefined {
  return task.mistakes[mistake]
    ?.replaceAll("{{example}}", "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
