import { z } from "zod";
import { kebabId, textSchema } from "./shared-schema.ts";

/** `course.yaml`. */
export const courseSchema = z.strictObject({
  title: textSchema.describe("the course's name"),
  paths: z
    .array(
      z.strictObject({
        id: kebabId.describe("how the path is named on the command line"),
        title: textSchema.describe("the path's name"),
        modules: z
          .array(kebabId)
          .min(1)
          .describe("slugs of modules in the order in which they are walked; one may not exist yet"),
      }),
    )
    .default([])
    .describe("orders of modules by profile of learner"),
});
