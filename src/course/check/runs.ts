import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../core/effects.ts";
import { CancelledError, messageOf, UserError } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import { verbatim } from "../../core/text.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Engine, EngineOptions } from "../../engines/engine.ts";
import type { Block, Course, Module } from "../course.ts";
import { type LessonSession, openLessonSession } from "../lesson-session.ts";
import { loadLesson } from "../load.ts";
import { runBlock, runTry } from "../run-block.ts";
import { workspaceDirs } from "../workspace.ts";
import { type CourseFinding, finding } from "./finding.ts";

export interface RunsInput {
  readonly course: Course;
  readonly clock: Clock;
  readonly openEngine: (options?: EngineOptions) => Promise<Engine>;
  readonly findDataset: (name: string) => Dataset | Promise<Dataset>;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

/**
 * Executes every block of a module's lesson in a workspace of its own, the last step first: a block that needs
 * what an earlier step left would fail a learner who resumes there, and fails here.
 */
export async function checkRuns(input: RunsInput, module: Module): Promise<CourseFinding[]> {
  const file = module.lessonPaths?.es;
  const lesson = await loadLesson(module, "es").catch(() => undefined);
  const english = await loadLesson(module, "en").catch(() => undefined);
  if (file === undefined || lesson === undefined) return [];
  const folder = await mkdtemp(join(tmpdir(), "taller-check-"));
  const session = openLessonSession({
    ...input,
    module,
    lesson,
    dirs: workspaceDirs(join(folder, "workspace")),
  });
  try {
    const findings: CourseFinding[] = [];
    for (const step of lesson.steps.toReversed()) {
      input.emit?.({ kind: "step-started", step: `${module.slug}: ${step.id}` });
      const translated = english?.steps.find((one) => one.id === step.id)?.blocks ?? [];
      for (const block of [...step.blocks, ...translatedTries(step.blocks, translated)]) {
        const wrong = await runOne(session, block, input);
        if (wrong !== undefined)
          findings.push(finding("runs", module.slug, wrong.where ?? placeOf(file, block), wrong.what));
      }
    }
    return findings;
  } finally {
    await session.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Samples that the translation has written in its own words (aliases, mostly). */
function translatedTries(blocks: readonly Block[], translated: readonly Block[]): Block[] {
  return translated.filter(
    (block) =>
      block.kind === "try" &&
      !blocks.some((one) => one.kind === "try" && one.id === block.id && one.sample === block.sample),
  );
}

async function runOne(
  session: LessonSession,
  block: Block,
  { signal, emit }: RunsInput,
): Promise<{ where?: string | undefined; what: UserError["what"] } | undefined> {
  try {
    if (block.kind === "run") await runBlock(session, block, { signal, emit: withoutSteps(emit) });
    if (block.kind === "try") await runTry(session, block.sample, { signal, emit: withoutSteps(emit) });
    return undefined;
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    if (error instanceof UserError && error.fault === "environment") throw error;
    return error instanceof UserError ? error : { what: verbatim(messageOf(error)) };
  }
}

/** Notes and tables of the blocks are not what a check tells. */
function withoutSteps(emit: Emit | undefined): Emit {
  return (event) => {
    if (event.kind === "progress" || event.kind === "warning") emit?.(event);
  };
}

function placeOf(file: string, block: Block): string {
  return "line" in block ? `${file}:${block.line}` : file;
}
