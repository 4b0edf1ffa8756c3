import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/effects.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import type { Course } from "../../src/course/course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { type OpenService, type PipelineRun, runPipeline } from "../../src/course/run-pipeline.ts";
import { workspaceDirs } from "../../src/course/workspace.ts";
import { openEngine } from "../../src/engines/open.ts";

const lessons = fileURLToPath(new URL("../../lessons", import.meta.url));
let course: Promise<Course> | undefined;

export interface Ran extends PipelineRun {
  readonly events: readonly WorkEvent[];
}

/** A workspace in a temporary folder, and pipelines of module 08 run in it from source. */
export async function openWorkspace(): Promise<{
  readonly folder: string;
  run(
    pipeline: string,
    options: Readonly<Record<string, string>>,
    how?: {
      readonly signal?: AbortSignal;
      readonly openService?: OpenService;
      readonly events?: WorkEvent[];
    },
  ): Promise<Ran>;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "module-08-"));
  course ??= discoverCourse(lessons);
  const found = await course;
  return {
    folder,
    run: async (pipeline, options, { signal, openService, events = [] } = {}) => {
      const { data, tables } = workspaceDirs(folder);
      const ran = await runPipeline({
        course: found,
        pipeline,
        options,
        dirs: { workspace: folder, data, tables },
        clock: systemClock,
        signal: signal ?? new AbortController().signal,
        emit: (event) => events.push(event),
        openEngine: (options) => openEngine("duckdb", options),
        openService,
      });
      return { ...ran, events };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
