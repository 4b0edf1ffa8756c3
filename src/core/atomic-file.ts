import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode, UserError } from "./errors.ts";
import { verbatim } from "./text.ts";

/**
 * Replaces a file's content so that a reader, or a kill at any instant, sees the old content or the new,
 * never a part: written beside, fsynced, renamed over. The folder is made if missing.
 * @param isFlushed false for what nobody reads after this process: it is not fsynced.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { isFlushed = true }: { readonly isFlushed?: boolean | undefined } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = join(
    dirname(path),
    `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`,
  );
  try {
    const file = await open(beside, "wx");
    try {
      await file.writeFile(content);
      if (isFlushed) await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(beside, path);
    if (isFlushed) await syncFolder(dirname(path));
  } catch (error) {
    await rm(beside, { force: true });
    throw diskError(error, path);
  }
}

/**
 * Appends one line in one write and fsyncs it. Lines below 4 kB from several processes do not mix
 * (O_APPEND); a torn last line, left by a kill, is ended first so that it spoils only itself.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  if (line.includes("\n")) throw new RangeError("appendLine: one line at a time");
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(path, "a+");
    try {
      const { size } = await file.stat();
      let prefix = "";
      if (size > 0) {
        const last = Buffer.alloc(1);
        await file.read(last, 0, 1, size - 1);
        if (last[0] !== 0x0a) prefix = "\n";
      }
      await file.write(`${prefix}${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Turns a full disk, a read-only folder or a missing permission into words; passes anything else on. */
export function diskError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  const says: Record<string, { es: string; en: string }> = {
    ENOSPC: { es: "El disco está lleno: no puedo escribir.", en: "The disk is full: I can't write." },
    EDQUOT: { es: "Has llegado a tu cuota de disco.", en: "Your disk quota is used up." },
    EACCES: { es: "No tengo permiso para escribir aquí.", en: "I have no permission to write here." },
    EPERM: { es: "No tengo permiso para escribir aquí.", en: "I have no permission to write here." },
    EROFS: { es: "Esta carpeta es de solo lectura.", en: "This folder is read-only." },
  };
  const what = code === undefined ? undefined : says[code];
  if (what === undefined || code === undefined) return error;
  return new UserError({
    fault: "environment",
    code: `disk-${code.toLowerCase()}`,
    what,
    where: path,
    next:
      code === "ENOSPC" || code === "EDQUOT" ? [verbatim("taller data clean")] : [verbatim("taller doctor")],
    cause: error,
  });
}

/** Renames over an existing file; Windows refuses while a reader holds it, so a few short tries. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = systemCode(error);
      const isBusy =
        process.platform === "win32" && (code === "EPERM" || code === "EACCES" || code === "EBUSY");
      if (!isBusy || attempt >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * (attempt + 1)));
    }
  }
}

/** Makes a rename durable; not every system lets a folder be synced, and then the rename stands as it is. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    if (systemCode(error) !== "EINVAL" && systemCode(error) !== "ENOTSUP") throw error;
  } finally {
    await folder.close();
  }
}
