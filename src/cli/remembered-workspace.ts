import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../core/atomic-file.ts";

type Env = Readonly<Record<string, string | undefined>>;

const schema = z.object({ workspace: z.string() });

/** The folder that the learner chose last, whatever the current one is; undefined when none was. */
export async function rememberedWorkspace(env: Env): Promise<string | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(settingsPath(env), "utf8"))).data?.workspace;
  } catch {
    // Missing, unreadable or not ours: then nothing is remembered, and the next choice writes it anew.
    return undefined;
  }
}

/** A home that can't be written costs the memory, not the lesson. */
export async function rememberWorkspace(env: Env, folder: string): Promise<void> {
  await writeFileAtomic(settingsPath(env), `${JSON.stringify({ workspace: folder })}\n`).catch(() => {});
}

/** `~` and `~/data` as a shell reads them: here nobody else does. */
export function expandHome(path: string): string {
  return path === "~" || /^~[/\\]/.test(path) ? join(homedir(), path.slice(1)) : path;
}

/** By the XDG base directories (freedesktop.org); `%APPDATA%` on Windows. */
function settingsPath(env: Env): string {
  const named = process.platform === "win32" ? env.APPDATA : env.XDG_CONFIG_HOME;
  const folder = named !== undefined && named !== "" ? named : join(homedir(), ".config");
  return join(folder, "taller", "settings.json");
}
