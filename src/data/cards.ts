import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Card, cardSchema } from "./card.ts";

/** A card and the folder that it lies in. */
export interface CardFile {
  readonly card: Card;
  readonly folder: string;
}

let known: readonly CardFile[] | undefined;

/** Every card that ships, by name; read once. Throws an Error that names the file and what is wrong in it. */
export function shippedCards(): readonly CardFile[] {
  known ??= readCards(join(packageRoot(), "datasets"));
  return known;
}

/** The cards of the folders of a folder, sorted by name. */
export function readCards(root: string): readonly CardFile[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "dataset.json")))
    .map((entry) => join(root, entry.name))
    .sort()
    .map((folder) => ({ card: readCard(join(folder, "dataset.json")), folder }));
}

function readCard(path: string): Card {
  const parsed = cardSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The nearest folder with a package.json: from source and from dist it is the installation's. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("the installation has no package.json above its code");
    folder = parent;
  }
  return folder;
}
