import { open, stat, writeFile } from "node:fs/promises";

/**
 * The first whole records of a CSV, as a file of their own; the file itself when it is small enough. A record
 * ends at a line end outside quotes, so the bytes are counted in quotes up to there.
 */
export async function cutSample(input: {
  readonly path: string;
  readonly to: string;
  /** "" where the file has no quoting. */
  readonly quote: string;
  readonly maxBytes: number;
}): Promise<string> {
  const { path, to, quote, maxBytes } = input;
  if ((await stat(path)).size <= maxBytes) return path;
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(maxBytes);
    const { bytesRead } = await file.read(head, 0, maxBytes, 0);
    const end = lastRecordEnd(head.subarray(0, bytesRead), quote);
    if (end === 0) return path;
    await writeFile(to, head.subarray(0, end));
    return to;
  } finally {
    await file.close();
  }
}

/** How many bytes the whole records take. */
function lastRecordEnd(bytes: Uint8Array, quote: string): number {
  const mark = quote === "" ? -1 : quote.charCodeAt(0);
  let isQuoted = false;
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === mark) isQuoted = !isQuoted;
    else if (byte === 0x0a && !isQuoted) end = at + 1;
  }
  return end;
}
