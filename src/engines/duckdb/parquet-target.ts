import { copyFile, link, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode, UserError } from "../../core/errors.ts";
import type { ParquetTarget } from "../engine.ts";

/** Stands alone in a partitioned folder of no rows, with the partition columns in it. */
export const EMPTY_FILE = "empty.parquet";

/**
 * Refuses a target that must not be replaced: one of the other shape (file, folder), one that is not empty
 * under `mode: "fail"`, and a folder that holds anything but Parquet: it is not ours to remove.
 */
export async function checkTarget(target: ParquetTarget): Promise<void> {
  const entry = await stat(target.path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (entry === undefined) return;
  if (target.singleFile === true) {
    if (entry.isDirectory()) throw refused(target.path, "target-is-a-folder", IS_FOLDER);
    if (target.mode === "fail") throw refused(target.path, "target-exists", EXISTS);
    return;
  }
  if (!entry.isDirectory()) throw refused(target.path, "target-is-a-file", IS_FILE);
  const inside = await listFolder(target.path);
  if (target.mode === "fail" && inside.length > 0) throw refused(target.path, "target-exists", EXISTS);
  const foreign = inside.find((path) => !isTablePart(path));
  if (foreign !== undefined) throw refused(join(target.path, foreign), "target-holds-other-files", FOREIGN);
  if (target.mode === "replace-partitions") checkPartitions(target, inside);
}

/**
 * Puts the partitions that the new result has no rows for beside it, as hard links (or copies, where the
 * disk has none): the table is then swapped whole, and a kill can't leave some partitions new and some old.
 */
export async function linkOtherPartitions(target: ParquetTarget, beside: string): Promise<void> {
  const old = await listFolder(target.path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const written = new Set((await listFolder(beside)).map(folderOf));
  for (const path of old) {
    if (written.has(folderOf(path)) || path === EMPTY_FILE) continue;
    const to = join(beside, path);
    await mkdir(dirname(to), { recursive: true });
    await linkOrCopy(join(target.path, path), to);
  }
}

/** Paths of all files under a folder, with `/` between the parts, whatever the system. */
async function listFolder(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFolder(folder, `${path}/`)));
    else found.push(path);
  }
  return found;
}

/** Data files in hive folders, and the marker and checksum files that Spark puts beside them. */
function isTablePart(path: string): boolean {
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  const isFile = /\.parquet$/.test(name) || name === "_SUCCESS" || /^\..*\.crc$/.test(name);
  return isFile && parts.every((part) => /^[^=]+=/.test(part));
}

function checkPartitions(target: ParquetTarget, inside: readonly string[]): void {
  const wanted = (target.partitionBy ?? []).join("/");
  for (const path of inside) {
    if (!path.endsWith(".parquet") || path === EMPTY_FILE) continue;
    const has = folderOf(path)
      .split("/")
      .map((part) => part.split("=")[0])
      .join("/");
    if (has.toLowerCase() === wanted.toLowerCase()) continue;
    throw refused(join(target.path, path), "partitions-differ", {
      es: `La tabla está particionada por "${has}", no por "${wanted}": no puedo cambiar solo unas particiones.`,
      en: `The table is partitioned by "${has}", not by "${wanted}": I can't replace only some partitions.`,
    });
  }
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV", "UNKNOWN"].includes(code))
      throw error;
    await copyFile(from, to);
  }
}

const IS_FOLDER = {
  es: "El destino es una carpeta y pediste un solo fichero.",
  en: "The target is a folder, and a single file was asked for.",
};
const IS_FILE = {
  es: "El destino es un fichero y la tabla necesita una carpeta.",
  en: "The target is a file, and the table needs a folder.",
};
const EXISTS = {
  es: "El destino ya tiene datos.",
  en: "The target already has data.",
};
const FOREIGN = {
  es: "La carpeta tiene algo que no es una tabla Parquet: no la reemplazo.",
  en: "The folder holds something that is no Parquet table: I don't replace it.",
};

function refused(path: string, code: string, what: { es: string; en: string }): UserError {
  return new UserError({
    fault: "usage",
    code,
    what,
    where: path,
    next: [{ es: "elige otra carpeta, o vacíala tú", en: "choose another folder, or empty it yourself" }],
  });
}
