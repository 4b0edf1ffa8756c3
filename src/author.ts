/** The author's door: what lessons, pipelines and exercises are written with. */
export * from "./core/effects.ts";
export * from "./core/errors.ts";
export * from "./core/events.ts";
export * from "./core/random.ts";
export * from "./core/table.ts";
export * from "./core/table-build.ts";
export * from "./core/text.ts";
export * from "./course/pipeline.ts";
export * from "./data/dataset.ts";
export * from "./engines/engine.ts";
export * from "./grading/exercise.ts";
export type * from "./grading/verdict.ts";
