import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { diskError, writeFileAtomic } from "../core/atomic-file.ts";
import { systemCode, UserError } from "../core/errors.ts";
import { LANGS, type Lang } from "../core/text.ts";
import { writeEditorFiles } from "./editor-files.ts";

/**
 * Where the learner's folder is, or will be: `--workspace`, TALLER_WORKSPACE, the workspace around the current
 * folder, the `taller-workspace` in it, in this order. Absolute; it may not exist yet.
 */
export async function findWorkspaceFolder(input: {
  readonly flag?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}): Promise<string> {
  const named = input.flag ?? input.env.TALLER_WORKSPACE;
  if (named !== undefined && named !== "") return resolve(input.cwd, named);
  for (let folder = resolve(input.cwd); ; folder = dirname(folder)) {
    if (isWorkspace(folder)) return folder;
    if (dirname(folder) === folder) return join(resolve(input.cwd), "taller-workspace");
  }
}

/** True for a folder that {@link makeWorkspace} made. */
export function isWorkspace(folder: string): boolean {
  return existsSync(markerOf(folder));
}

/** The language that was chosen for a workspace; undefined when none was, or there is no workspace. */
export async function readSavedLang(folder: string): Promise<Lang | undefined> {
  return (await readMarker(folder))?.lang;
}

export async function saveLang(folder: string, lang: Lang): Promise<void> {
  await writeMarker(folder, { ...(await readMarker(folder)), lang });
}

/**
 * Makes the workspace, or brings the tool's own files in it up to date: the marker, `tsconfig.json` and the
 * types that editors read. Nothing that the learner wrote is touched. `isNew`: it was not there before.
 */
export async function makeWorkspace(folder: string): Promise<{ readonly isNew: boolean }> {
  const isNew = !isWorkspace(folder);
  try {
    await mkdir(join(folder, ".taller"), { recursive: true });
  } catch (error) {
    if (systemCode(error) === "EEXIST" || systemCode(error) === "ENOTDIR") {
      throw new UserError({
        fault: "environment",
        code: "workspace-is-no-folder",
        what: { es: "Aquí hay un fichero, no una carpeta.", en: "There is a file here, not a folder." },
        where: folder,
        next: [{ es: "taller --workspace OTRA-CARPETA", en: "taller --workspace ANOTHER-FOLDER" }],
        cause: error,
      });
    }
    throw diskError(error, folder);
  }
  await writeEditorFiles(folder);
  // Last, so that a marker means a workspace that is whole.
  if (isNew) await writeMarker(folder, {});
  return { isNew };
}

/** The folders of a workspace. Absolute, like `folder`. */
export function workspaceDirs(folder: string) {
  const state = join(folder, ".taller");
  return {
    workspace: folder,
    state,
    /** Generated data; `taller data clean` empties it. */
    data: join(state, "data"),
    cache: join(state, "cache"),
    backups: join(state, "backups"),
    /** Tables that modules hand to each other. */
    tables: join(folder, "tables"),
  };
}

const markerSchema = z.object({ lang: z.enum(LANGS).optional() });

function markerOf(folder: string): string {
  return join(folder, ".taller", "workspace.json");
}

async function readMarker(folder: string): Promise<z.output<typeof markerSchema> | undefined> {
  try {
    return markerSchema.safeParse(JSON.parse(await readFile(markerOf(folder), "utf8"))).data;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR" || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

async function writeMarker(folder: string, marker: z.output<typeof markerSchema>): Promise<void> {
  await writeFileAtomic(markerOf(folder), `${JSON.stringify({ workspace: 1, ...marker })}\n`);
}
