import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";

const mostEntries = 500;

/** What was typed before, the newest first, as readline wants it. Empty when there is no file yet. */
export async function readHistory(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .slice(0, mostEntries);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Keeps the newest lines; a statement of several lines is one line of history. */
export async function writeHistory(path: string, entries: readonly string[]): Promise<void> {
  const lines = entries.map((entry) => entry.replace(/\s*\n\s*/g, " ").trim()).filter((line) => line !== "");
  await writeFileAtomic(path, `${[...new Set(lines)].slice(0, mostEntries).join("\n")}\n`);
}
