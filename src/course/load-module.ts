import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { importBundled } from "./bundle-module.ts";
import { courseError } from "./course-error.ts";
import { isBuilt, isInside, ownPackageRoot } from "./own-package.ts";

/**
 * Imports a course's `.ts` file and gives its default export.
 *
 * In our own build the compiled `.js` beside it is imported. Anything else (a course named by `--course`,
 * a run from source) is bundled: `taller` and `taller/author` are the running ones, other packages are
 * those of our installation, and the file's folder is only read. An error in the file is a UserError with
 * file and line.
 */
export async function loadDefault(file: string): Promise<unknown> {
  const path = resolve(file);
  const compiled = path.replace(/\.ts$/, ".js");
  const isOwn = isBuilt() && isInside(path, join(ownPackageRoot(), "dist"));
  const namespace: Record<string, unknown> =
    isOwn && existsSync(compiled) ? await import(pathToFileURL(compiled).href) : await importBundled(path);
  if (!("default" in namespace)) {
    throw courseError({
      code: "no-default-export",
      what: {
        es: "Al fichero le falta su «export default».",
        en: "The file lacks its `export default`.",
      },
      file: path,
    });
  }
  return namespace.default;
}
