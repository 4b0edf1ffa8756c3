import { throwIfCancelled } from "../core/errors.ts";
import type { CourseFinding } from "./check/finding.ts";
import { checkLanguages } from "./check/languages.ts";
import { checkCourseLayout, checkExerciseNumbers, checkModuleLayout } from "./check/layout.ts";
import { checkPipelines } from "./check/pipelines.ts";
import { checkPortableSql } from "./check/portable-sql.ts";
import { checkReferences } from "./check/references.ts";
import { checkRuns, type RunsInput } from "./check/runs.ts";

export type { CourseFinding, CourseRule } from "./check/finding.ts";

export interface CheckCourseInput extends RunsInput {
  /** Only these modules (slugs); default all. Pipelines are always looked at over the whole course. */
  readonly modules?: readonly string[] | undefined;
  /** True: nothing is executed but the files' own definitions. Default false. */
  readonly isStatic?: boolean | undefined;
}

/**
 * Everything that `taller dev check` can say of a course without grading: layout, both languages, references,
 * ids, portable SQL, and that every block runs. The exercises' own proof is `proveExercise`. Empty: all holds.
 */
export async function checkCourse(input: CheckCourseInput): Promise<readonly CourseFinding[]> {
  const { course, signal, emit } = input;
  const isAsked = (slug: string | undefined) =>
    slug === undefined || input.modules === undefined || input.modules.includes(slug);
  const findings: CourseFinding[] = [...(await checkCourseLayout(course)), ...(await checkPipelines(course))];
  for (const module of course.modules.filter(({ slug }) => isAsked(slug))) {
    throwIfCancelled(signal);
    emit?.({ kind: "step-started", step: module.slug, title: module.title });
    findings.push(
      ...(await checkModuleLayout(module)),
      ...checkExerciseNumbers(module),
      ...(await checkLanguages(module)),
      ...(await checkReferences(course, module)),
      ...(await checkPortableSql(module)),
      ...(input.isStatic ? [] : await checkRuns(input, module)),
    );
  }
  return distinct(findings.filter((one) => isAsked(one.module)));
}

/** A file that can't be read is met by several checks. */
function distinct(findings: readonly CourseFinding[]): CourseFinding[] {
  const seen = new Set<string>();
  return findings.filter((one) => {
    const key = `${one.where} ${one.detail.en}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
