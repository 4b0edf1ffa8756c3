import type { Module, RunBlock } from "../../course/course.ts";
import { readExcerpt, type SourceExcerpt, stepExcerpt } from "../../course/source-excerpt.ts";

/** What a block is going to run, shown before it runs; undefined where the fence hides it. */
export async function sourceOf(module: Module, block: RunBlock): Promise<SourceExcerpt | undefined> {
  if (block.what === "pipeline")
    return stepExcerpt(module, block.pipeline, block.step).catch(() => undefined);
  return block.isSourceHidden === true ? undefined : readExcerpt(module, { file: `sql/${block.file}` });
}
