import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { checkCourse } from "../../src/course/check-course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { loadPipeline } from "../../src/course/load.ts";
import { pipelineFlags } from "../../src/course/pipeline-options.ts";
import { findDataset } from "../../src/data/datasets.ts";
import { openEngine } from "../../src/engines/open.ts";

const course = await discoverCourse(fileURLToPath(new URL("../../lessons", import.meta.url)));
const module = course.modules.find(({ slug }) => slug === "streaming");

test("module 08 has its four pipelines and keeps the rules of a course", async () => {
  expect(module?.pipelines.map(({ id }) => id)).toEqual([
    "aggregations",
    "producer",
    "streaming",
    "wordcount",
  ]);
  const findings = await checkCourse({
    course,
    modules: ["streaming"],
    isStatic: true,
    clock: systemClock,
    signal: new AbortController().signal,
    openEngine: (options) => openEngine("duckdb", options),
    findDataset,
  });
  expect(findings).toEqual([]);
});

test("every flag of its pipelines is described in both languages", async () => {
  for (const { path } of module?.pipelines ?? [])
    for (const { flag, description } of pipelineFlags(await loadPipeline(path)))
      expect(description.split(" | "), flag).toHaveLength(2);
});
