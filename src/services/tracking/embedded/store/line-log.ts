import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { diskError, renameOver, syncFolder } from "../../../../core/atomic-file.ts";
import { systemCode, UserError } from "../../../../core/errors.ts";

/**
 * A file of lines that is only appended to, `<crc32 as 8 hex digits> <text>`: what is acknowledged is on the disk,
 * whole and in order. A tail that a kill tore off is cut when the file is opened; a damaged line with good ones after
 * it is an error, for something else than a kill must have done it.
 */
export interface LineLog {
  readonly lineCount: number;
  readonly sizeBytes: number;
  /** Resolves once the lines are on the disk; when it rejects, the file is as it was. One call at a time. */
  append(lines: readonly string[]): Promise<void>;
  /** Replaces the content, whole or not at all. */
  rewrite(lines: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}

/** Opens or makes the file and gives every good line to `onLine`, in order. */
export async function openLineLog(path: string, onLine: (line: string) => void): Promise<LineLog> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw diskError(error, path);
  });
  let { lineCount, sizeBytes } = await readLines(path, onLine);
  let file = await openToAppend(path, sizeBytes);
  let isBroken = false;

  const append = async (lines: readonly string[]): Promise<void> => {
    if (isBroken) throw new Error(`${path} could not be brought back to its last good state`);
    const bytes = Buffer.from(lines.map(toLine).join(""), "utf8");
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await file.write(
          bytes,
          written,
          bytes.length - written,
          sizeBytes + written,
        );
        written += bytesWritten;
      }
      await file.datasync();
    } catch (error) {
      // A half-written line must not stand between this and the next.
      await file.truncate(sizeBytes).catch(() => {
        isBroken = true;
      });
      throw diskError(error, path);
    }
    sizeBytes += bytes.length;
    lineCount += lines.length;
  };

  const rewrite = async (lines: Iterable<string>): Promise<void> => {
    const beside = `${path}.new`;
    let count = 0;
    const counted = function* () {
      for (const line of lines) {
        count++;
        yield toLine(line);
      }
    };
    try {
      await pipeline(Readable.from(counted()), createWriteStream(beside, { flush: true }));
      await file.close();
      await renameOver(beside, path);
      await syncFolder(dirname(path));
    } catch (error) {
      throw diskError(error, path);
    } finally {
      file = await open(path, "r+");
    }
    sizeBytes = (await file.stat()).size;
    lineCount = count;
  };

  return {
    get lineCount() {
      return lineCount;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    append,
    rewrite,
    close: () => file.close(),
  };
}

function toLine(text: string): string {
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

/** Gives the good lines and says where they end. */
async function readLines(
  path: string,
  onLine: (line: string) => void,
): Promise<{ lineCount: number; sizeBytes: number }> {
  let lineCount = 0;
  let sizeBytes = 0;
  let bad: number | undefined;
  const take = (bytes: Buffer): void => {
    const line = bytes.toString("utf8");
    const text = line.slice(9);
    if (line[8] !== " " || checksum(text) !== line.slice(0, 8)) {
      bad ??= lineCount + 1;
      return;
    }
    if (bad !== undefined) throw damaged(path, bad);
    onLine(text);
    lineCount++;
    sizeBytes += bytes.length + 1;
  };
  let rest: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      if (!Buffer.isBuffer(chunk)) continue;
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        take(Buffer.concat([...rest, chunk.subarray(start, end)]));
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  return { lineCount, sizeBytes };
}

async function openToAppend(path: string, sizeBytes: number): Promise<FileHandle> {
  try {
    const file = await open(path, "a");
    const { size } = await file.stat();
    await file.close();
    if (size > sizeBytes) await truncate(path, sizeBytes);
    await syncFolder(dirname(path));
    // Not "a": there, Linux ignores the position of a write.
    return await open(path, "r+");
  } catch (error) {
    throw diskError(error, path);
  }
}

function damaged(path: string, line: number): UserError {
  return new UserError({
    fault: "environment",
    code: "tracking-damaged",
    what: {
      es: `El registro de experimentos está dañado en la línea ${line}, y hay líneas buenas detrás: no lo toco.`,
      en: `The log of experiments is damaged at line ${line}, with good lines after it: I leave it as it is.`,
    },
    where: `${path}:${line}`,
    next: [
      {
        es: "Aparta ese fichero (o recupera una copia) y vuelve a empezar.",
        en: "Move that file away (or bring back a copy) and start again.",
      },
    ],
  });
}
