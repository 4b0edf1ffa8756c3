import { UserError } from "../../core/errors.ts";
import { type Text, verbatim } from "../../core/text.ts";

/** One thing to mend in a course. */
export interface CourseFinding {
  readonly rule: CourseRule;
  /** The module's slug; undefined for the course itself. */
  readonly module: string | undefined;
  /** A path, with its line where there is one. */
  readonly where: string;
  readonly detail: Text;
}

export type CourseRule =
  /** A file or folder that the layout does not know. */
  | "layout"
  /** A file that can't be read: front matter, a fence, a spec, code. */
  | "readable"
  /** Lesson, cheat sheet and tasks exist in both languages and say the same. */
  | "both-languages"
  /** The lesson has its last step, `on-a-real-cluster`. */
  | "on-a-real-cluster"
  /** What a fence names is there: file, lines, region, exercise, pipeline, step, options. */
  | "references"
  /** Every exercise has its place in the lesson, every SQL file its use. */
  | "unused"
  /** Ids that must be unique are; a pipeline has its file's name; a table has one producer. */
  | "ids"
  /** SQL that both engines answer alike. */
  | "portable-sql"
  /** Every block runs, without the steps before it. */
  | "runs";

/** Runs one check of a module; a UserError that it throws is a finding like any other. */
export async function findingsOf(
  rule: CourseRule,
  module: string | undefined,
  where: string,
  check: () => Promise<readonly CourseFinding[]>,
): Promise<readonly CourseFinding[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ rule, module, where: error.where ?? where, detail: error.what }];
  }
}

/** A finding whose words are the same in both languages need no second text. */
export function finding(
  rule: CourseRule,
  module: string | undefined,
  where: string,
  detail: Text | string,
): CourseFinding {
  return { rule, module, where, detail: typeof detail === "string" ? verbatim(detail) : detail };
}
