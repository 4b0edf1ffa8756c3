import type { Table } from "../../core/table.ts";
import { compareRows } from "../compare/rows.ts";
import { compareSchemas } from "../compare/schema.ts";
import type {
  AnswersCheck,
  AnswersSubmission,
  Check,
  CheckContext,
  CheckResult,
  Exercise,
  RowsCheck,
  SchemaCheck,
  SqlSubmission,
  ValueCheck,
} from "../exercise.ts";
import type { HandleByKind } from "../kinds/open.ts";
import { judgeAnswer } from "./answers.ts";
import { exampleOfRows } from "./example.ts";
import { asCell, valueNear } from "./value.ts";

type AnyHandle = HandleByKind[Exercise["kind"]];

/**
 * Carries out one check on one case. Throws SubmissionError where the submission can't serve it; anything
 * else that is thrown is a bug of the exercise or of ours.
 */
export async function runCheck(
  spec: Exercise,
  check: Check<AnyHandle>,
  context: CheckContext<AnyHandle>,
): Promise<CheckResult> {
  switch (check.kind) {
    case "schema":
      return schemaCheck(spec, check, context);
    case "rows":
      return rowsCheck(spec, check, context);
    case "value":
      return valueCheck(check, context);
    case "answers":
      return answersCheck(spec, check, context);
    case "files":
    case "plan":
    case "custom":
      return check.run(context);
  }
}

const passed: CheckResult = { passed: true };

async function schemaCheck(
  spec: Exercise,
  check: SchemaCheck,
  context: CheckContext<AnyHandle>,
): Promise<CheckResult> {
  for (const name of check.results ?? resultNames(spec)) {
    const { expected, actual } = await bothResults(spec, check, context, name);
    const reason = compareSchemas(expected, actual, {
      result: name,
      isOrdered: check.isOrdered,
      exactTypes: check.exactTypes,
    });
    if (reason !== undefined) return { passed: false, reason };
  }
  return passed;
}

async function rowsCheck(
  spec: Exercise,
  check: RowsCheck,
  context: CheckContext<AnyHandle>,
): Promise<CheckResult> {
  const name = check.result ?? resultNames(spec)[0] ?? "result";
  const { expected, actual } = await bothResults(spec, check, context, name);
  const found = compareRows(expected, actual, { ...check, result: name });
  if (found.reason === undefined) return passed;
  const example = exampleOfRows(found.reason, { inputs: context.inputs, expected, actual });
  return { passed: false, reason: found.reason, example };
}

async function valueCheck(
  check: ValueCheck<AnyHandle>,
  context: CheckContext<AnyHandle>,
): Promise<CheckResult> {
  const actual = asCell(await check.actual(context));
  const expected = await check.expected(context);
  if (valueNear(actual, expected, check.tolerance)) return passed;
  const { name, tolerance, unit } = check;
  return { passed: false, reason: { kind: "value", name, expected, actual, tolerance, unit } };
}

async function answersCheck(
  spec: Exercise,
  check: AnswersCheck,
  context: CheckContext<AnyHandle>,
): Promise<CheckResult> {
  const { submission, solution } = context;
  if (spec.kind !== "answers" || !isAnswers(submission) || !isAnswers(solution)) throw misplaced(check);
  const own: CheckContext<AnswersSubmission> = { ...context, submission, solution };
  const given = (await submission.read())[check.field];
  const problem = judgeAnswer(given, await check.expected(own), check.tolerance);
  if (problem === "right") return passed;
  let mistake: string | undefined;
  if (problem === "wrong") {
    for (const [id, answerOf] of Object.entries(check.mistakes ?? {})) {
      if (judgeAnswer(given, await answerOf(own), check.tolerance) === "right") {
        mistake = id;
        break;
      }
    }
  }
  return {
    passed: false,
    reason: { kind: "answer", field: check.field, given: asCell(given), problem },
    mistake,
  };
}

async function bothResults(
  spec: Exercise,
  check: SchemaCheck | RowsCheck,
  context: CheckContext<AnyHandle>,
  name: string,
): Promise<{ expected: Table; actual: Table }> {
  const { submission, solution } = context;
  if (!isSql(submission) || !isSql(solution)) throw misplaced(check);
  // Without declared results the file is one query, and its result has no name of its own.
  const asked = spec.kind === "sql" && spec.results === undefined ? undefined : name;
  return { actual: await submission.result(asked), expected: await solution.result(asked) };
}

/** The names of what an exercise of kind sql leaves; `result` where the file is one query. */
export function resultNames(spec: Exercise): readonly string[] {
  return (spec.kind === "sql" ? spec.results : undefined) ?? ["result"];
}

function isSql(handle: AnyHandle): handle is SqlSubmission {
  return "result" in handle;
}

function isAnswers(handle: AnyHandle): handle is AnswersSubmission {
  return "read" in handle;
}

function misplaced(check: { readonly id: string; readonly kind: string }): Error {
  return new RangeError(`check "${check.id}": an exercise of this kind has no check of kind ${check.kind}`);
}
