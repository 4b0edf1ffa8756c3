import { homedir } from "node:os";
import { join } from "node:path";

/** The user's cache folder for what is graded without a workspace: safe to delete at any time. */
export function userCacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const named = platform === "win32" ? env.LOCALAPPDATA : env.XDG_CACHE_HOME;
  if (named !== undefined && named !== "") return join(named, "taller");
  return join(homedir(), platform === "darwin" ? "Library/Caches" : ".cache", "taller");
}
