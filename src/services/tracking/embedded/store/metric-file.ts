import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { diskError, syncFolder } from "../../../../core/atomic-file.ts";
import { systemCode } from "../../../../core/errors.ts";
import { type BlockVisitor, blockBytes, visitBlock } from "./metric-block.ts";

/**
 * Visits every good block of a run's metric file, in order, and gives the bytes up to the end of the last: what is
 * after it a kill tore off. A run without metrics has no file. Memory: a few MB, whatever the file's size.
 */
export async function readMetricFile(path: string, visitor: BlockVisitor): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw error;
  }
  try {
    const { size } = await file.stat();
    let validBytes = 0;
    let window = Buffer.alloc(Math.min(size, WINDOW_BYTES));
    while (validBytes < size) {
      const wanted = Math.min(window.length, size - validBytes);
      const { bytesRead } = await file.read(window, 0, wanted, validBytes);
      const bytes = window.subarray(0, bytesRead);
      let at = 0;
      let length = blockBytes(bytes, at);
      while (length !== undefined && at + length <= bytes.length) {
        if (!visitBlock(bytes.subarray(at, at + length), visitor)) {
          // Each block is synced before the next is begun: only the last can be torn.
          if (validBytes + at + length < size) throw new Error(`damaged at byte ${validBytes + at}: ${path}`);
          return validBytes + at;
        }
        at += length;
        length = blockBytes(bytes, at);
      }
      // A block is torn, none, or longer than the window: only the last can go on.
      const isLonger =
        at === 0 && length !== undefined && length > window.length && length <= size - validBytes;
      if (at === 0 && !isLonger) return validBytes;
      if (isLonger && length !== undefined) window = Buffer.alloc(length);
      validBytes += at;
    }
    return validBytes;
  } finally {
    await file.close();
  }
}

const WINDOW_BYTES = 1 << 20;

/** Writes a block at the end of the good bytes and syncs it; when it throws, those bytes are still the file's good ones. */
export async function appendMetricBlock(path: string, block: Buffer, validBytes: number): Promise<void> {
  try {
    const isNew = validBytes === 0;
    if (isNew) await mkdir(dirname(path), { recursive: true });
    const file = await open(path, isNew ? "w" : "r+");
    try {
      if ((await file.stat()).size > validBytes) await file.truncate(validBytes);
      let written = 0;
      while (written < block.length) {
        const { bytesWritten } = await file.write(
          block,
          written,
          block.length - written,
          validBytes + written,
        );
        written += bytesWritten;
      }
      await file.datasync();
    } finally {
      await file.close();
    }
    if (isNew) {
      await syncFolder(dirname(path));
      // The folder itself may be new.
      await syncFolder(dirname(dirname(path)));
    }
  } catch (error) {
    throw diskError(error, path);
  }
}
