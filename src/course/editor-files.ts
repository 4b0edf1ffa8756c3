import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { diskError, writeFileAtomic } from "../core/atomic-file.ts";
import { systemCode } from "../core/errors.ts";
import { SANDBOX_GLOBALS } from "../grading/type-errors/globals.ts";
import { readIfThere, readRecord, recordWritten, stateOfFile } from "./kept-files.ts";
import { isBuilt, ownPackageRoot } from "./own-package.ts";

/**
 * Writes what an editor needs to complete `import … from "taller"` in a workspace: `tsconfig.json` (unless the
 * learner has edited it) and `node_modules/taller/`. Done once per installation and version.
 *
 * From the build, the declarations that `dist/src/index.d.ts` reaches are copied; from source, one file points
 * at `src/index.ts`.
 */
export async function writeEditorFiles(workspace: string): Promise<void> {
  const stampPath = join(workspace, ".taller", "editor.json");
  const root = ownPackageRoot();
  const stamp = `${JSON.stringify({ root, isBuilt: isBuilt(), version: await ownVersion(root) })}\n`;
  if ((await readIfThere(stampPath)) === stamp) return;
  try {
    await writeTypes(join(workspace, "node_modules", "taller"), root);
    await writeTsconfig(workspace, root);
  } catch (error) {
    throw diskError(error, workspace);
  }
  await writeFileAtomic(stampPath, stamp);
}

/**
 * The declarations that one reaches by relative imports, by path below its folder, with `.js` in their
 * imports where the compiler has left `.ts`.
 */
export async function declarationTree(entry: string): Promise<Map<string, string>> {
  const root = dirname(entry);
  const tree = new Map<string, string>();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const name = relative(root, path).split(sep).join("/");
    if (tree.has(name)) continue;
    const text = await readFile(path, "utf8");
    tree.set(
      name,
      text.replace(IMPORT, (_whole, before, target, _extension, after) => `${before}${target}.js${after}`),
    );
    for (const [, , target] of text.matchAll(IMPORT)) pending.push(resolve(dirname(path), `${target}.d.ts`));
  }
  return tree;
}

/** `from "./table.ts"` and `import("./table.js")`. */
const IMPORT = /((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+?)\.(ts|js)(["'])/g;

/** From source the compiler reads what stands behind the door too, and that needs Node's types. */
function sourceDoor(root: string): string {
  const node = join(
    dirname(createRequire(join(root, "package.json")).resolve("@types/node/package.json")),
    "index.d.ts",
  );
  return `/// <reference path=${JSON.stringify(node)} />\nexport * from ${JSON.stringify(join(root, "src", "index.ts"))};\n`;
}

async function writeTypes(folder: string, root: string): Promise<void> {
  const tree = isBuilt()
    ? await declarationTree(join(root, "dist", "src", "index.d.ts"))
    : new Map([["index.d.ts", sourceDoor(root)]]);
  const manifest = { name: "taller", type: "module", types: "./index.d.ts", private: true };
  tree.set("package.json", `${JSON.stringify(manifest, undefined, 2)}\n`);
  tree.set("globals.d.ts", SANDBOX_GLOBALS);
  await mkdir(dirname(folder), { recursive: true });
  const beside = await mkdtemp(join(dirname(folder), ".taller-"));
  try {
    for (const [name, text] of tree) {
      await mkdir(dirname(join(beside, name)), { recursive: true });
      await writeFile(join(beside, name), text);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(beside, folder);
  } catch (error) {
    // Another process has put the same files there this instant.
    if (systemCode(error) !== "ENOTEMPTY" && systemCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function writeTsconfig(workspace: string, root: string): Promise<void> {
  const path = join(workspace, "tsconfig.json");
  const recordPath = join(workspace, ".taller", "copies", "tsconfig.json");
  const text = `${JSON.stringify(tsconfig(root), undefined, 2)}\n`;
  const state = await stateOfFile(path, await readRecord(recordPath), "tsconfig.json", text);
  if (state === "edited") return;
  await recordWritten(recordPath, 1, { "tsconfig.json": text });
  await writeFileAtomic(path, text);
}

/** The settings with which a verdict checks types too; the libraries' types are those of the installation. */
function tsconfig(root: string): unknown {
  return {
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2023"],
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: [],
      paths: libraryTypes(root),
    },
    include: ["**/*.ts", "node_modules/taller/globals.d.ts"],
    exclude: [".taller", "tables"],
  };
}

/** Libraries that exercises import, where the installation has their types. */
function libraryTypes(root: string): Record<string, string[]> {
  const own = createRequire(join(root, "package.json"));
  const libraries = [
    { name: "express", types: "@types/express" },
    { name: "zod", types: "zod" },
  ];
  const paths: Record<string, string[]> = {};
  for (const { name, types } of libraries) {
    try {
      const folder = dirname(own.resolve(`${types}/package.json`));
      paths[name] = [`${folder.split(sep).join("/")}/index.d.ts`];
    } catch {
      // Not installed: the editor shows the import as unknown, nothing else changes.
    }
  }
  return paths;
}

/** The version and, in a clone, the time of the build. */
async function ownVersion(root: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  const built = (await readIfThere(join(root, "dist", ".built"))) ?? "";
  return `${hasVersion ? String(manifest.version) : ""} ${built}`.trim();
}
