import { lexer, type Token, walkTokens } from "marked";
import type { Block, Lesson, LessonStep } from "./course.ts";
import { courseError } from "./course-error.ts";
import { blockOf, LIVE_FENCES, readFence } from "./fence.ts";
import { readQuiz } from "./quiz-markdown.ts";
import { normaliseNewlines, readFrontMatter } from "./read-yaml.ts";
import { lessonSchema } from "./schema/lesson-schema.ts";

/**
 * Reads `lesson.<lang>.md`: front matter, then steps (`## Title {#id}`), each of prose and live fences.
 * Throws a UserError that names file and line of the first mistake.
 */
export function parseLesson(text: string, file: string): Lesson {
  const { data, body, bodyLine } = readFrontMatter(text, file, lessonSchema);
  const steps: LessonStep[] = [];
  let open: { id: string; title: string; line: number; blocks: Block[] } | undefined;
  for (const { token, line } of tokensWithLines(body, bodyLine)) {
    if (token.type === "heading" && token.depth <= 2) {
      open = { ...stepHeading(token.text, token.depth, file, line), line, blocks: [] };
      steps.push(open);
      continue;
    }
    if (open === undefined) {
      if (token.type === "space") continue;
      throw courseError({
        code: "text-before-step",
        what: {
          es: "Antes del primer paso («## Título {#id}») no va nada.",
          en: "Nothing stands before the first step (`## Title {#id}`).",
        },
        file,
        line,
      });
    }
    addBlock(open.blocks, token, file, line);
  }
  if (steps.length === 0)
    throw courseError({
      code: "no-steps",
      what: "the lesson has no step (`## Title {#id}`)",
      file,
      line: bodyLine,
    });
  refuseDuplicates(steps, file);
  return { ...data, steps };
}

/** Top-level tokens of marked's lexer with the line of the file on which each begins. */
export function tokensWithLines(body: string, bodyLine: number): { token: Token; line: number }[] {
  const source = normaliseNewlines(body);
  let offset = 0;
  let line = bodyLine;
  return lexer(source).map((token) => {
    const at = source.indexOf(token.raw, offset);
    if (at > offset) {
      line += countNewlines(source.slice(offset, at));
      offset = at;
    }
    const placed = { token, line };
    line += countNewlines(token.raw);
    offset += token.raw.length;
    return placed;
  });
}

function stepHeading(text: string, depth: number, file: string, line: number) {
  const match = /^(.*\S)\s*\{#([a-z0-9]+(?:-[a-z0-9]+)*)\}$/.exec(text.trim());
  if (depth !== 2 || match === null) {
    throw courseError({
      code: "step-heading",
      what: {
        es: "Un paso empieza por «## Título {#id}», con el id en minúsculas y guiones; los títulos menores son «###».",
        en: "A step begins with `## Title {#id}`, its id in lower case with hyphens; smaller headings are `###`.",
      },
      file,
      line,
    });
  }
  return { title: match[1] ?? "", id: match[2] ?? "" };
}

function addBlock(blocks: Block[], token: Token, file: string, line: number): void {
  if (token.type === "code" && /^ {0,3}(`{3,}|~{3,})/.test(token.raw)) {
    const fence = readFence({ info: token.lang ?? "", body: token.text, file, line });
    if (fence !== undefined) {
      blocks.push(blockOf(fence, readQuiz));
      return;
    }
  }
  refuseNestedFences(token, file, line);
  const last = blocks.at(-1);
  if (last?.kind === "prose") {
    blocks[blocks.length - 1] = { kind: "prose", markdown: last.markdown + token.raw };
  } else if (token.type !== "space") {
    blocks.push({ kind: "prose", markdown: token.raw });
  }
}

/** A live fence inside a list or a quote would be shown and never run. */
function refuseNestedFences(token: Token, file: string, line: number): void {
  walkTokens([token], (nested) => {
    if (nested === token || nested.type !== "code") return;
    const word = String(nested.lang ?? "").split(/\s/)[0];
    if (LIVE_FENCES.some((name) => name === word))
      throw courseError({
        code: "nested-fence",
        what: `\`${word}\` stands inside a list or a quote`,
        file,
        line,
      });
  });
}

function refuseDuplicates(steps: readonly LessonStep[], file: string): void {
  const seen = new Set<string>();
  const add = (kind: string, id: string, line: number) => {
    if (seen.has(`${kind} ${id}`))
      throw courseError({ code: "duplicate-id", what: `${kind} "${id}" stands twice`, file, line });
    seen.add(`${kind} ${id}`);
  };
  for (const step of steps) {
    add("step", step.id, step.line);
    for (const block of step.blocks) {
      if (block.kind === "quiz") add("quiz", block.quiz.id, block.line);
      if (block.kind === "try") add("try", block.id, block.line);
    }
  }
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
