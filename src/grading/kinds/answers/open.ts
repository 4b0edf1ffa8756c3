import { parse, type ScalarTag, YAMLParseError } from "yaml";
import type { AnswersExercise } from "../../exercise.ts";
import { type PreparedSubmission, SubmissionError } from "../submission.ts";
import { onlyFile } from "../submitted-files.ts";

/** Parses the YAML file of answers; it is data and runs nothing, so it needs no process. */
export function prepareAnswers(
  spec: AnswersExercise,
  files: Readonly<Record<string, string>>,
): PreparedSubmission<"answers"> {
  const file = onlyFile(spec, files);
  const fields = parseFields(file.name, file.text);
  const handle = { read: async () => structuredClone(fields) };
  const close = async () => {};
  return { kind: "answers", files, open: () => ({ handle, output: () => "", close }), close };
}

function parseFields(name: string, text: string): Readonly<Record<string, unknown>> {
  const fields = parseYaml(name, text);
  if (fields === null || fields === undefined) return {};
  if (typeof fields !== "object" || Array.isArray(fields)) {
    throw new SubmissionError({ kind: "syntax", file: name, line: 1, column: 1, message: "field: value" });
  }
  return fields as Record<string, unknown>;
}

/** `1.250` is 1250 to whoever writes thousands with a point: such a number stays the text that was written. */
const POINT_AND_THREE: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  test: /^[-+]?\d{1,3}(\.\d{3})+$/,
  resolve: (text) => text,
};

function parseYaml(name: string, text: string): unknown {
  try {
    // Thousands of aliases in ten lines ("billion laughs") are refused by the parser's own limit.
    return parse(text, {
      maxAliasCount: 100,
      logLevel: "error",
      customTags: (tags) => [POINT_AND_THREE, ...tags],
    });
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const message = error instanceof Error ? (error.message.split(" at line ")[0] ?? "") : "";
    throw new SubmissionError(
      { kind: "syntax", file: name, line: at?.line ?? 1, column: at?.col ?? 1, message },
      { cause: error },
    );
  }
}
