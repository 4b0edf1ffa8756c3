import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { Course, Lesson, Module } from "../../course/course.ts";
import { resolveModule } from "../../course/ids.ts";
import { openLessonSession } from "../../course/lesson-session.ts";
import { loadLesson } from "../../course/load.ts";
import { lessonStep } from "../../course/progress.ts";
import { isWorkspace, makeWorkspace, workspaceDirs } from "../../course/workspace.ts";
import { findDataset } from "../../data/datasets.ts";
import { openEngine } from "../../engines/open.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, openLearner } from "../learner.ts";
import { serviceOpener } from "../open-service.ts";
import type { LessonProgress } from "../player/lesson-play.ts";
import { isStepped, playLesson } from "../player/player.ts";
import { expandHome, rememberWorkspace } from "../remembered-workspace.ts";
import { askText } from "../ui/prompts.ts";
import { textOption } from "./options.ts";

/** `taller lesson [module]`: step by step in a terminal, printed whole without one. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const chosen = await askWorkspace(context);
  const learner = await openLearner(chosen);
  const state = await learner.progress.read();
  const module = await chooseModule(learner, input.args[0]);
  const lesson = await loadLesson(module, context.lang);
  if (lesson === undefined) throw noLesson(module);
  if (input.options.list === true) return listSteps(context, module, lesson);
  return withFolders(chosen, learner, async (workspace) => {
    const session = openLessonSession({
      course: learner.course,
      module,
      lesson,
      dirs: { workspace, data: workspaceDirs(workspace).data, tables: workspaceDirs(workspace).tables },
      clock: context.clock,
      openEngine: (options) => openEngine("duckdb", options),
      openService: serviceOpener(context, workspace),
      findDataset,
    });
    try {
      const outcome = await playLesson({
        screen: context.screen,
        session,
        lesson,
        exercises: learner,
        progress: lessonProgress(learner, module, lessonStep(state, module.slug)),
        from: textOption(input, "from"),
        step: textOption(input, "step"),
        env: context.env,
        historyPath: join(workspaceDirs(workspace).state, "sql-history"),
        signal: context.signal,
      });
      return outcome.exitCode;
    } finally {
      await session.close();
    }
  });
}

/** On first use, in a terminal, the learner says where the folder goes. */
async function askWorkspace(context: CliContext): Promise<CliContext> {
  const folder = await context.workspaceFolder();
  if (!context.screen.isInteractive || isWorkspace(folder)) return context;
  const answer = await askText(context.screen, {
    message: { es: "¿En qué carpeta trabajas?", en: "Which folder will you work in?" },
    default: folder,
  });
  context.moveWorkspace(answer === undefined || answer.trim() === "" ? folder : expandHome(answer.trim()));
  const chosen = await context.workspaceFolder();
  await makeWorkspace(chosen);
  await rememberWorkspace(context.env, chosen);
  context.print(context.lang === "es" ? ` Trabajas en ${chosen}\n` : ` You work in ${chosen}\n`);
  return context;
}

/** Without a terminal nothing of the learner's is touched: a lesson's data lies in a folder that goes at the end. */
async function withFolders(
  context: CliContext,
  learner: Learner,
  work: (workspace: string) => Promise<number>,
): Promise<number> {
  if (isStepped(context) || isWorkspace(learner.workspace)) return work(learner.workspace);
  const folder = await mkdtemp(join(tmpdir(), "taller-lesson-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function lessonProgress(learner: Learner, module: Module, resumeAt: string | undefined): LessonProgress {
  return {
    resumeAt,
    entered: async (step) => {
      await learner.progress.record({ kind: "step", lesson: module.slug, step });
    },
    answered: async ({ quiz, answer, isRight }) => {
      await learner.progress.record({ kind: "quiz", lesson: module.slug, quiz, answer, isRight });
    },
  };
}

/** The module named; else the first whose lesson is not at its end. */
async function chooseModule(learner: Learner, named: string | undefined): Promise<Module> {
  const { course } = learner;
  if (named !== undefined) return resolveModule(course, named);
  const ready = course.modules.filter((module) => module.state === "ready");
  const state = await learner.progress.read();
  for (const module of ready) {
    const lesson = await loadLesson(module, "es");
    const reached = state.lessons[module.slug]?.steps.length ?? 0;
    if (lesson !== undefined && reached < lesson.steps.length) return module;
  }
  const [first] = ready;
  if (first === undefined) throw emptyCourse(course);
  return first;
}

function listSteps(context: CliContext, module: Module, lesson: Lesson): number {
  const steps = lesson.steps.map((step, index) => ({ number: index + 1, id: step.id, title: step.title }));
  if (context.isJson)
    context.result({ module: module.slug, title: lesson.title, minutes: lesson.minutes, steps });
  context.print(` ${module.number} · ${lesson.title} · ${lesson.minutes} min`);
  for (const step of steps)
    context.print(`   ${String(step.number).padStart(2)}  ${step.id.padEnd(24)} ${step.title}`);
  return 0;
}

function noLesson(module: Module): UserError {
  const pipelines = module.pipelines.map((pipeline) => verbatim(`taller run ${pipeline.id}`));
  return new UserError({
    fault: "usage",
    code: "no-lesson",
    what: {
      es: `El módulo ${module.number} aún no tiene lección: solo pipelines.`,
      en: `Module ${module.number} has no lesson yet: pipelines only.`,
    },
    next: [...pipelines, verbatim("taller list")],
  });
}

function emptyCourse(course: Course): UserError {
  return new UserError({
    fault: "data",
    code: "no-lessons",
    what: { es: "Este curso no tiene ninguna lección.", en: "This course has no lesson." },
    where: course.root,
    next: [verbatim("taller dev new 01-tema")],
  });
}
