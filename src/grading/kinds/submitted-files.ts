import type { Exercise } from "../exercise.ts";
import { SubmissionError } from "./submission.ts";

const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Throws a {@link SubmissionError} unless every file of the exercise is there and is text: `missing-file`,
 * or `not-text` for a NUL, the mark of badly decoded bytes, or more than 4 MB.
 */
export function checkFiles(spec: Exercise, files: Readonly<Record<string, string>>): void {
  for (const file of spec.files) {
    const text = files[file];
    if (text === undefined) throw new SubmissionError({ kind: "missing-file", file });
    if (/[\0\uFFFD]/.test(text) || text.length > MAX_FILE_BYTES) {
      throw new SubmissionError({ kind: "not-text", file });
    }
  }
}

/** The exercise's file, for kinds that have one. */
export function onlyFile(
  spec: Exercise,
  files: Readonly<Record<string, string>>,
): { readonly name: string; readonly text: string } {
  const [name] = spec.files;
  const text = name === undefined ? undefined : files[name];
  if (name === undefined || text === undefined) {
    throw new SubmissionError({ kind: "missing-file", file: name ?? "" });
  }
  return { name, text };
}
