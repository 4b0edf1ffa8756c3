import type { Task } from "./course.ts";
import { courseError } from "./course-error.ts";
import { tokensWithLines } from "./lesson-markdown.ts";
import { readFrontMatter } from "./read-yaml.ts";
import { taskSchema } from "./schema/lesson-schema.ts";

/**
 * Reads `task.<lang>.md`: front matter `title`, the task, then `## hint 1` … `## hint 3`,
 * `## check <id>: <title>` and `## mistake <id>`. Throws a UserError with file and line.
 */
export function parseTask(text: string, file: string): Task {
  const { data, body, bodyLine } = readFrontMatter(text, file, taskSchema);
  const sections = splitSections(body, bodyLine, file);
  const hints: string[] = [];
  const checks: Record<string, string> = {};
  const mistakes: Record<string, string> = {};
  for (const section of sections.rest) {
    const { line } = section;
    const fail = (what: string) => courseError({ code: "task", what, file, line });
    switch (section.kind) {
      case "hint":
        if (Number(section.id) !== hints.length + 1) throw fail(`expected \`## hint ${hints.length + 1}\``);
        if (section.text === "") throw fail(`hint ${section.id} is empty`);
        hints.push(section.text);
        break;
      case "check":
        if (Object.hasOwn(checks, section.id)) throw fail(`check "${section.id}" stands twice`);
        if (section.title === "")
          throw fail(`check "${section.id}" has no title: \`## check <id>: <title>\``);
        if (section.text !== "")
          throw fail(`check "${section.id}" is its title only; no text stands below it`);
        checks[section.id] = section.title;
        break;
      case "mistake":
        if (Object.hasOwn(mistakes, section.id)) throw fail(`mistake "${section.id}" stands twice`);
        if (section.text === "") throw fail(`mistake "${section.id}" has no text`);
        mistakes[section.id] = section.text;
        break;
    }
  }
  if (sections.task === "")
    throw courseError({ code: "task", what: "the task is missing", file, line: bodyLine });
  if (hints.length !== 3)
    throw courseError({ code: "task", what: `there are ${hints.length} hints; 3 are needed`, file });
  return { title: data.title, markdown: sections.task, hints, checks, mistakes };
}

interface Section {
  readonly kind: "hint" | "check" | "mistake";
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly line: number;
}

function splitSections(body: string, bodyLine: number, file: string): { task: string; rest: Section[] } {
  let task = "";
  const rest: (Section & { text: string })[] = [];
  for (const { token, line } of tokensWithLines(body, bodyLine)) {
    if (token.type === "heading" && token.depth <= 2) {
      rest.push({ ...sectionHeading(token.text, token.depth, file, line), text: "", line });
      continue;
    }
    const last = rest.at(-1);
    if (last === undefined) task += token.raw;
    else rest[rest.length - 1] = { ...last, text: last.text + token.raw };
  }
  return { task: task.trim(), rest: rest.map((section) => ({ ...section, text: section.text.trim() })) };
}

function sectionHeading(text: string, depth: number, file: string, line: number) {
  const match = /^(?:(hint) (\d)|(mistake) ([a-z0-9-]+)|(check) ([a-z0-9-]+)(?::\s*(.*))?)$/s.exec(
    text.trim(),
  );
  const kind = match?.[1] ?? match?.[3] ?? match?.[5];
  if (depth !== 2 || match === null || (kind !== "hint" && kind !== "mistake" && kind !== "check")) {
    throw courseError({
      code: "task-heading",
      what: {
        es: "Los títulos «##» de una tarea son «hint 1» a «hint 3», «check id: título» y «mistake id»; los demás, «###».",
        en: "`##` headings of a task are `hint 1` to `hint 3`, `check id: title` and `mistake id`; any other is `###`.",
      },
      file,
      line,
    });
  }
  return { kind, id: match[2] ?? match[4] ?? match[6] ?? "", title: (match[7] ?? "").trim() } as const;
}
