import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { writeFileAtomic } from "../core/atomic-file.ts";
import { systemCode } from "../core/errors.ts";

/** Raised when the form of what is stored changes. */
const FORM = 1;

/** Values by the hash of what they were made from; a value that comes back is a copy. */
export interface Cache {
  get<T>(key: string): Promise<T | undefined>;
  put(key: string, value: unknown): Promise<void>;
}

/**
 * One file a value (structured clone). A file that can't be read (another Node's form, damaged) is as good as
 * none. Safe for several processes: the last write wins.
 */
export function openDiskCache(folder: string): Cache {
  const pathOf = (key: string) => join(folder, `v${FORM}`, key.slice(0, 2), `${key.slice(2)}.bin`);
  return {
    async get<T>(key: string): Promise<T | undefined> {
      let bytes: Buffer;
      try {
        bytes = await readFile(pathOf(key));
      } catch (error) {
        if (systemCode(error) === "ENOENT") return undefined;
        throw error;
      }
      try {
        return deserialize(bytes) as T;
      } catch {
        return undefined;
      }
    },
    put: (key, value) => writeFileAtomic(pathOf(key), serialize(value)),
  };
}

/** Of one run: nothing in it outlives the process. */
export function openMemoryCache(): Cache {
  const values = new Map<string, Buffer>();
  return {
    get: async <T>(key: string) => {
      const bytes = values.get(key);
      return bytes === undefined ? undefined : (deserialize(bytes) as T);
    },
    put: async (key, value) => void values.set(key, serialize(value)),
  };
}

/** The stored value, or the one that `make` gives, which is stored. */
export async function cached<T>(cache: Cache, key: string, make: () => Promise<T>): Promise<T> {
  const known = await cache.get<T>(key);
  if (known !== undefined) return known;
  const value = await make();
  await cache.put(key, value);
  return value;
}
