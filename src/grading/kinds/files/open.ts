import { parseAllDocuments } from "yaml";
import type { FilesExercise, SubmittedFile } from "../../exercise.ts";
import { type PreparedSubmission, SubmissionError } from "../submission.ts";

/** Parses YAML (one document or several) and JSON; other files (a Dockerfile) stay text. Nothing runs. */
export function prepareFiles(
  spec: FilesExercise,
  files: Readonly<Record<string, string>>,
): PreparedSubmission<"files"> {
  const parsed = Object.fromEntries(
    spec.files.map((name): [string, SubmittedFile] => {
      const text = files[name] ?? "";
      return [name, { text, documents: documentsOf(name, text) }];
    }),
  );
  const handle = { read: async () => structuredClone(parsed) };
  const close = async () => {};
  return { kind: "files", files, open: () => ({ handle, output: () => "", close }), close };
}

function documentsOf(name: string, text: string): unknown[] {
  // JSON is a part of YAML, and its errors come with line and column this way.
  if (!/\.(ya?ml|json)$/i.test(name)) return [];
  const documents = parseAllDocuments(text);
  const list = Array.isArray(documents) ? documents : [];
  return list.map((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const at = error.linePos?.[0];
      const message = error.message.split(" at line ")[0] ?? "";
      throw new SubmissionError({
        kind: "syntax",
        file: name,
        line: at?.line ?? 1,
        column: at?.col ?? 1,
        message,
      });
    }
    return aliasesResolved(name, () => document.toJS({ maxAliasCount: 100 }));
  });
}

/** Thousands of aliases in ten lines ("billion laughs") are refused by the parser's own limit. */
function aliasesResolved(file: string, toData: () => unknown): unknown {
  try {
    return toData();
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    throw new SubmissionError({ kind: "syntax", file, line: 1, column: 1, message }, { cause: error });
  }
}
