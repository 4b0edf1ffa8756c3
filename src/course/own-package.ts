import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the running installation: the one with our `package.json`, from source or from `dist/`. */
export function ownPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("the installation has no package.json above its code");
    folder = parent;
  }
  return folder;
}

/** True when this code runs from the build, not from source. */
export function isBuilt(): boolean {
  return fileURLToPath(import.meta.url).endsWith(".js");
}

/** True for a path inside a folder, or the folder itself. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
