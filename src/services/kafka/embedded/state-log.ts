import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { crc32c } from "../protocol/crc32c.ts";

const ENTRY_HEADER_BYTES = 8;
const MIN_COMPACT_BYTES = 1024 * 1024;

/**
 * A small map from texts to JSON values that survives a kill: each change is one checked line of an append-only file,
 * and the file is written anew when most of it is outdated. Topics, committed offsets and transactions live in these.
 */
export class StateLog {
  readonly path: string;
  readonly #values = new Map<string, string>();
  #descriptor: number;
  #sizeBytes = 0;
  #liveBytes = 0;

  /** Opens a file, or makes it; a torn end is cut off. */
  constructor(path: string) {
    this.path = path;
    this.#load();
    this.#descriptor = openSync(path, "r+");
    ftruncateSync(this.#descriptor, this.#sizeBytes);
  }

  entries(): [string, unknown][] {
    return [...this.#values].map(([key, value]) => [key, JSON.parse(value)]);
  }

  /** Sets or (undefined) removes some keys: all of them or, after a kill, none. */
  put(changes: readonly (readonly [key: string, value: unknown])[]): void {
    const entry = encode(changes);
    let written = 0;
    try {
      while (written < entry.length)
        written += writeSync(
          this.#descriptor,
          entry,
          written,
          entry.length - written,
          this.#sizeBytes + written,
        );
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += entry.length;
    for (const [key, value] of changes)
      this.#set(key, value === undefined ? undefined : JSON.stringify(value));
    if (this.#sizeBytes > MIN_COMPACT_BYTES && this.#sizeBytes > 4 * this.#liveBytes) this.#compact();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #load(): void {
    if (!existsSync(this.path)) {
      closeSync(openSync(this.path, "w"));
      return;
    }
    const file = readFileSync(this.path);
    let at = 0;
    while (at + ENTRY_HEADER_BYTES <= file.length) {
      const end = at + ENTRY_HEADER_BYTES + file.readUInt32BE(at);
      if (end > file.length || crc32c(file, at + ENTRY_HEADER_BYTES, end) !== file.readUInt32BE(at + 4))
        break;
      const changes: unknown = JSON.parse(file.toString("utf8", at + ENTRY_HEADER_BYTES, end));
      if (!Array.isArray(changes)) break;
      for (const [key, value] of changes)
        this.#set(String(key), value === undefined ? undefined : JSON.stringify(value));
      at = end;
    }
    this.#sizeBytes = at;
  }

  #set(key: string, value: string | undefined): void {
    const old = this.#values.get(key);
    if (old !== undefined) this.#liveBytes -= key.length + old.length;
    if (value === undefined) this.#values.delete(key);
    else {
      this.#values.set(key, value);
      this.#liveBytes += key.length + value.length;
    }
  }

  #compact(): void {
    const beside = `${this.path}.tmp`;
    const descriptor = openSync(beside, "w+");
    let size = 0;
    let some: [string, unknown][] = [];
    const write = (): void => {
      if (some.length === 0) return;
      const entry = encode(some);
      writeSync(descriptor, entry, 0, entry.length, size);
      size += entry.length;
      some = [];
    };
    for (const entry of this.entries()) {
      some.push(entry);
      if (some.length === 1_000) write();
    }
    write();
    closeSync(descriptor);
    closeSync(this.#descriptor);
    renameSync(beside, this.path);
    this.#descriptor = openSync(this.path, "r+");
    this.#sizeBytes = fstatSync(this.#descriptor).size;
  }
}

/** Length, CRC, then the changes as JSON; a change without a value removes its key. */
function encode(changes: readonly (readonly [string, unknown])[]): Buffer {
  const text = Buffer.from(
    JSON.stringify(changes.map(([key, value]) => (value === undefined ? [key] : [key, value]))),
  );
  const entry = Buffer.allocUnsafe(ENTRY_HEADER_BYTES + text.length);
  entry.writeUInt32BE(text.length, 0);
  entry.writeUInt32BE(crc32c(text), 4);
  entry.set(text, ENTRY_HEADER_BYTES);
  return entry;
}
