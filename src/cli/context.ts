import { resolve } from "node:path";
import { type Clock, systemClock } from "../core/effects.ts";
import type { Emit } from "../core/events.ts";
import type { Lang, Text } from "../core/text.ts";
import type { Course } from "../course/course.ts";
import type { CommandInput } from "./command-table.ts";
import { chooseLang } from "./lang.ts";
import { expandHome, rememberedWorkspace } from "./remembered-workspace.ts";
import { openScreen, type Screen } from "./ui/terminal.ts";

/** What every command is given: the edges of the program, held in one place so that a test can hold them. */
export interface CliContext {
  readonly lang: Lang;
  readonly isJson: boolean;
  readonly isPlain: boolean;
  readonly isDebug: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly screen: Screen;
  /** To stdout; in `--json` nothing, there only {@link result} speaks. */
  print(text?: string): void;
  /** To stderr. */
  note(text: Text): void;
  /** The result as the last line of stdout. */
  result(value: unknown): void;
  readonly emit: Emit;
  /** Shows one unnamed piece of work until the next output. */
  readonly busy: (title: Text) => void;
  readonly idle: () => void;
  /** The course that `--course` names, or our own. */
  course(): Promise<Course>;
  /** The folder that `--workspace`, TALLER_WORKSPACE or an enclosing workspace gives; it may not exist yet. */
  workspaceFolder(): Promise<string>;
  /** The learner chose another place for it. */
  moveWorkspace(folder: string): void;
  close(): Promise<void>;
}

export async function openContext(input: {
  readonly options: CommandInput["options"];
  readonly signal: AbortSignal;
}): Promise<CliContext> {
  const { options, signal } = input;
  const env = process.env;
  const isPlain = options.plain === true;
  const isJson = options.json === true;
  const { findWorkspaceFolder, isWorkspace, readSavedLang, saveLang } = await import(
    "../course/workspace.ts"
  );
  const flag = text(options.workspace);
  let folder = await findWorkspaceFolder({
    flag: flag === undefined ? undefined : expandHome(flag),
    env,
    cwd: process.cwd(),
  });
  // Nothing here: the folder that the learner chose, wherever the next command is typed.
  if (flag === undefined && !env.TALLER_WORKSPACE && !isWorkspace(folder)) {
    const chosen = await rememberedWorkspace(env);
    if (chosen !== undefined && isWorkspace(chosen)) folder = chosen;
  }
  const lang = chooseLang({ flag: text(options.lang), env, saved: await readSavedLang(folder) });
  // Who names a language in their workspace has chosen it: the next command speaks it too.
  if (text(options.lang) !== undefined && !isJson && isWorkspace(folder)) await saveLang(folder, lang);
  const screen = openScreen({
    streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
    env,
    lang,
    plain: isPlain,
  });
  const { progressRenderer } = await import("./ui/progress.ts");
  const renderer = progressRenderer(screen, { toStderr: isJson });
  let course: Promise<Course> | undefined;
  return {
    lang,
    isJson,
    isPlain,
    isDebug: options.debug === true,
    env,
    clock: systemClock,
    signal,
    screen,
    print: (line = "") => {
      if (!isJson) screen.print(line);
    },
    note: (note) => screen.note(note[lang]),
    result: (value) => screen.print(toJson(value)),
    emit: renderer.emit,
    busy: (title) => renderer.start(title[lang]),
    idle: () => renderer.clear(),
    course: () => {
      course ??= openCourse(text(options.course));
      return course;
    },
    workspaceFolder: async () => folder,
    moveWorkspace: (chosen) => {
      folder = resolve(chosen);
    },
    close: async () => renderer.close(),
  };
}

async function openCourse(flag: string | undefined): Promise<Course> {
  const { discoverCourse, ownCourseRoot } = await import("../course/discovery.ts");
  return discoverCourse(flag === undefined ? ownCourseRoot() : resolve(flag));
}

/** One line; bigint as a number where that is exact, else as text. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== "bigint") return item;
    return item >= BigInt(Number.MIN_SAFE_INTEGER) && item <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(item)
      : item.toString();
  });
}

function text(value: CommandInput["options"][string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}
