import type { z } from "zod";
import type { Block, Quiz } from "./course.ts";
import { courseError } from "./course-error.ts";
import { describeIssue } from "./read-yaml.ts";
import {
  exerciseFence,
  quizFence,
  runPipelineFence,
  runSqlFence,
  showFence,
  tryFence,
} from "./schema/fence-schema.ts";

/** The first words of live fences. */
export const LIVE_FENCES = ["run", "show", "quiz", "exercise", "try"] as const;
export type LiveFence = (typeof LIVE_FENCES)[number];

export interface Fence {
  readonly word: LiveFence;
  /** `key=value` of the info line; `exercise clean` has `exercise: clean`. */
  readonly options: Readonly<Record<string, string>>;
  readonly body: string;
  readonly file: string;
  /** Of the opening fence, in the file. */
  readonly line: number;
}

/** Reads the info line of a fence; undefined when its first word is no live one. */
export function readFence(input: {
  readonly info: string;
  readonly body: string;
  readonly file: string;
  readonly line: number;
}): Fence | undefined {
  const [first = "", ...rest] = splitInfo(input.info);
  const word = LIVE_FENCES.find((name) => name === first);
  if (word === undefined) return undefined;
  const { file, line } = input;
  const options: Record<string, string> = {};
  rest.forEach((part, index) => {
    const [, key, quoted, plain] = /^([A-Za-z][A-Za-z0-9_-]*)=(?:"(.*)"|(.*))$/s.exec(part) ?? [];
    if (key !== undefined) {
      if (Object.hasOwn(options, key))
        throw courseError({ code: "fence", what: `${word}: \`${key}\` stands twice`, file, line });
      options[key] = quoted ?? plain ?? "";
    } else if (word === "exercise" && index === 0) {
      options.exercise = part;
    } else {
      throw courseError({ code: "fence", what: `${word}: \`${part}\` is no key=value`, file, line });
    }
  });
  return { word, options, body: input.body, file, line };
}

/** The block of any live fence but `quiz`, whose body has a syntax of its own. */
export function blockOf(fence: Fence, readQuiz: (fence: Fence) => Quiz): Block {
  const { line } = fence;
  switch (fence.word) {
    case "run":
      refuseBody(fence);
      return "pipeline" in fence.options ? pipelineBlock(fence) : sqlBlock(fence);
    case "show": {
      refuseBody(fence);
      const { file, from, to, region } = parseOptions(fence, showFence);
      if (region !== undefined && (from !== undefined || to !== undefined))
        throw courseError({ code: "fence", what: "show: either `region` or lines", file: fence.file, line });
      return { kind: "show", line, file, from, to, region };
    }
    case "quiz":
      return { kind: "quiz", line, quiz: readQuiz(fence) };
    case "exercise":
      refuseBody(fence);
      return { kind: "exercise", line, exercise: parseOptions(fence, exerciseFence).exercise };
    case "try": {
      const { id } = parseOptions(fence, tryFence);
      if (fence.body.trim() === "")
        throw courseError({ code: "fence", what: "try: the sample is missing", file: fence.file, line });
      return { kind: "try", line, id, sample: fence.body.trim() };
    }
  }
}

/** `kind` and `id` of a quiz's fence. */
export function quizOptions(fence: Fence): z.output<typeof quizFence> {
  return parseOptions(fence, quizFence);
}

function sqlBlock(fence: Fence): Block {
  const options = parseOptions(fence, runSqlFence);
  return {
    kind: "run",
    line: fence.line,
    what: "sql",
    file: options.sql,
    view: options.view,
    x: options.x,
    y: options.y,
    maxRows: options.rows,
    isSourceHidden: options.source === "hidden" ? true : undefined,
    label: options.label,
  };
}

function pipelineBlock(fence: Fence): Block {
  const { pipeline, step, ...options } = parseOptions(fence, runPipelineFence);
  return { kind: "run", line: fence.line, what: "pipeline", pipeline, step, options };
}

function parseOptions<T>(fence: Fence, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(fence.options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw courseError({
    code: "fence",
    what: `${fence.word}: ${issue === undefined ? parsed.error.message : describeIssue(issue)}`,
    file: fence.file,
    line: fence.line,
  });
}

function refuseBody(fence: Fence): void {
  if (fence.body.trim() === "") return;
  throw courseError({
    code: "fence",
    what: {
      es: `${fence.word}: el bloque va vacío: lo que se ejecuta está en un fichero.`,
      en: `${fence.word}: the fence stays empty: what runs lies in a file.`,
    },
    file: fence.file,
    line: fence.line + 1,
  });
}

/** Words of an info line; a value in double quotes may hold spaces. */
function splitInfo(info: string): string[] {
  return info.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
}
