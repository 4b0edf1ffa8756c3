import { z } from "zod";

/** `null-comparison`: stored ids, folder names and file stems of a course. */
export const kebabId = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "must be kebab-case: a-z, 0-9 and single hyphens");

/** One text in both languages, as a small map. */
export const textSchema = z.strictObject({
  es: z.string().min(1).describe("the text in Spanish"),
  en: z.string().min(1).describe("the text in English"),
});

/** A plain file name: no folder, no way up. */
export const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a plain file name, without folders");

/** A seed as it is written in a course: small enough to be read out. */
export const seedSchema = z.int().min(0).max(4_294_967_295);
