import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { diskError, renameOver, syncFolder } from "../../../../core/atomic-file.ts";
import { systemCode } from "../../../../core/errors.ts";
import { invalid, missing } from "../mlflow-error.ts";
import { artifactSegments } from "./artifact-path.ts";

export interface StoredFile {
  /** The last segment. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
}

/** Artifacts as files below one folder, under the names that clients give them. */
export interface ArtifactStore {
  /** Streams into a file beside and renames it over: a reader sees the old file or the new. */
  put(path: string, body: Readable): Promise<void>;
  open(path: string): Promise<{ readonly sizeBytes: number; readonly modifiedMs: number; read(): Readable }>;
  /** By name; a missing folder, or a file, is empty. */
  list(path: string): Promise<readonly StoredFile[]>;
  /** A file, or a folder with all that is in it; what is missing is no error. */
  remove(path: string): Promise<void>;
}

/** `folder` holds `files/` and, while they come in, `incoming/`; what a kill left there is removed. */
export async function openArtifactStore(folder: string): Promise<ArtifactStore> {
  const root = join(folder, "files");
  const incoming = join(folder, "incoming");
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  await mkdir(root, { recursive: true });
  await syncFolder(folder);
  const placeOf = (path: string) => join(root, ...artifactSegments(path));

  return {
    put: async (path, body) => {
      const segments = artifactSegments(path);
      if (segments.length === 0) throw invalid("Invalid path");
      const target = join(root, ...segments);
      const beside = join(incoming, randomBytes(12).toString("hex"));
      try {
        await writeSynced(beside, body);
        await makeFolders(root, segments.slice(0, -1));
        await renameOver(beside, target);
        await syncFolder(dirname(target));
      } catch (error) {
        await rm(beside, { force: true });
        throw inTheWay(error, path) ?? diskError(error, target);
      }
    },
    open: async (path) => {
      const place = placeOf(path);
      let file: FileHandle;
      try {
        const found = await lstat(place);
        if (found.isDirectory()) {
          throw invalid(`Artifact path refers to a directory, not a file: '${path}'`);
        }
        // A link could lead out of the folder.
        if (!found.isFile()) throw missing(`No such artifact: '${path}'`);
        file = await open(place, "r");
      } catch (error) {
        if (isAbsent(error)) throw missing(`No such artifact: '${path}'`);
        throw error;
      }
      const { size, mtimeMs } = await file.stat();
      return {
        sizeBytes: size,
        modifiedMs: mtimeMs,
        // The handle: what is renamed over meanwhile does not mix into it.
        read: () => createReadStream(place, { fd: file, end: Math.max(0, size - 1) }),
      };
    },
    list: async (path) => {
      const place = placeOf(path);
      try {
        const entries = await readdir(place, { withFileTypes: true });
        const files = entries.filter((entry) => entry.isFile() || entry.isDirectory());
        const listed = await Promise.all(
          files.map(async (entry) => ({
            name: entry.name,
            isFolder: entry.isDirectory(),
            sizeBytes: entry.isDirectory() ? 0 : (await lstat(join(place, entry.name))).size,
          })),
        );
        return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (error) {
        if (isAbsent(error)) return [];
        throw error;
      }
    },
    remove: async (path) => {
      if (artifactSegments(path).length === 0) throw invalid("Invalid path");
      const place = placeOf(path);
      await rm(place, { recursive: true, force: true }).catch((error: unknown) => {
        if (!isAbsent(error)) throw diskError(error, place);
      });
    },
  };
}

async function writeSynced(path: string, body: Readable): Promise<void> {
  const file = await open(path, "wx");
  try {
    // The caller still answers when this fails, so the request must live on.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      if (chunk instanceof Uint8Array) await file.writeFile(chunk);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes the folders one by one, each synced into the one that holds it. */
async function makeFolders(root: string, segments: readonly string[]): Promise<void> {
  let parent = root;
  for (const segment of segments) {
    const folder = join(parent, segment);
    try {
      await mkdir(folder);
      await syncFolder(parent);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    parent = folder;
  }
}

/** A file stands where the path needs a folder, or a folder where it needs a file. */
function inTheWay(error: unknown, path: string): Error | undefined {
  const code = systemCode(error) ?? "";
  if (["ENOTDIR", "EISDIR", "ENOTEMPTY", "EEXIST"].includes(code)) {
    return invalid(
      `Invalid path: '${path}' needs a folder where there is a file, or a file where there is a folder`,
    );
  }
  return code === "ENAMETOOLONG" ? invalid("Invalid path: it is too long") : undefined;
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(systemCode(error) ?? "");
}
