import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { diskError, writeFileAtomic } from "../core/atomic-file.ts";
import { systemCode } from "../core/errors.ts";

/**
 * A record of what we wrote under which names, so that a file that the learner has edited is told from one
 * that is still ours. It holds every hash that we ever wrote: a kill between record and file loses nothing.
 */
const recordSchema = z.object({
  version: z.int(),
  files: z.record(z.string(), z.array(z.string())),
});
export type WrittenRecord = z.output<typeof recordSchema>;

export async function readRecord(path: string): Promise<WrittenRecord | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Adds contents that are about to be written. To be awaited before the files are touched. */
export async function recordWritten(
  path: string,
  version: number,
  contents: Readonly<Record<string, string>>,
): Promise<void> {
  const before = await readRecord(path);
  const files: Record<string, string[]> = { ...before?.files };
  for (const [name, content] of Object.entries(contents))
    files[name] = [...new Set([...(files[name] ?? []), hashText(content)])];
  await writeFileAtomic(path, `${JSON.stringify({ version, files })}\n`);
}

/** `missing`, `ours` (as we wrote it, now or before) or `edited`. */
export async function stateOfFile(
  path: string,
  record: WrittenRecord | undefined,
  name: string,
  alsoOurs?: string,
): Promise<"missing" | "ours" | "edited"> {
  const text = await readIfThere(path);
  if (text === undefined) return "missing";
  const hash = hashText(text);
  const isOurs =
    record?.files[name]?.includes(hash) || (alsoOurs !== undefined && hash === hashText(alsoOurs));
  return isOurs ? "ours" : "edited";
}

/**
 * Creates a file with all of its content, or not at all. False when there is one already, even one that was
 * made this instant: an editor that saves at the same time wins.
 */
export async function createFile(path: string, content: string): Promise<boolean> {
  const beside = join(dirname(path), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(beside, content, { flag: "wx" });
    await linkNew(beside, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw diskError(error, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** A text file's content; undefined when there is no file of that name. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return (await readBytesIfThere(path))?.toString("utf8");
}

/** A file's bytes, for a copy: what a learner wrote need not be UTF-8. */
export async function readBytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}

/** Line ends aside: an editor on Windows may save a file that nobody changed with others. */
function hashText(text: string): string {
  return createHash("sha256").update(text.replace(/\r\n/g, "\n")).digest("hex").slice(0, 32);
}

async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}
