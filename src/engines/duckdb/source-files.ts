import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import { recoverTarget } from "../folder-swap.ts";

/** The files behind a source's paths. */
export interface SourceFiles {
  /** What DuckDB is given: literal paths with their special characters escaped, and globs. */
  readonly patterns: readonly string[];
  readonly files: readonly string[];
  readonly sizeBytes: number;
}

/**
 * Finds the files of each path: a file stands for itself, a folder for all the files of these endings under
 * it. A write that a kill has interrupted is brought to its end first. Throws a UserError that names a path
 * that is missing or holds no such file.
 */
export async function sourceFiles(
  paths: readonly string[],
  endings: readonly string[],
): Promise<SourceFiles> {
  const patterns: string[] = [];
  const files: string[] = [];
  let sizeBytes = 0;
  for (const path of paths) {
    await recoverTarget(path);
    const entry = await statOf(path);
    if (entry.isDirectory()) {
      const inside = await filesUnder(path, endings);
      if (inside.length === 0) throw noFiles(path, endings[0] ?? "");
      for (const file of inside) sizeBytes += (await stat(file)).size;
      files.push(...inside);
      for (const ending of endings) {
        if (inside.some((file) => file.endsWith(ending))) patterns.push(`${escapeGlob(path)}/**/*${ending}`);
      }
    } else {
      files.push(path);
      patterns.push(escapeGlob(path));
      sizeBytes += entry.size;
    }
  }
  return { patterns, files, sizeBytes };
}

/** Every file of these endings under a folder, hidden ones aside, in the order of their paths. */
async function filesUnder(folder: string, endings: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesUnder(path, endings)));
    else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
  }
  return found;
}

/** A path is data, never a pattern: DuckDB would read `[`, `*` and `?` in it as one. */
export function escapeGlob(path: string): string {
  return path.replace(/[[*?]/g, "[$&]");
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT" && systemCode(cause) !== "ENOTDIR") throw cause;
    throw new UserError({
      fault: "data",
      code: "source-not-found",
      what: { es: "No encuentro el fichero o la carpeta.", en: "There is no such file or folder." },
      where: path,
      cause,
    });
  }
}

function noFiles(path: string, ending: string): UserError {
  return new UserError({
    fault: "data",
    code: "source-empty",
    what: {
      es: `La carpeta no tiene ningún fichero ${ending}.`,
      en: `The folder has no ${ending} file.`,
    },
    where: path,
    next: [verbatim(`ls ${path}`)],
  });
}
