import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Compiles the generator with its worker into a folder, as the build does: worker threads load compiled code only,
 * and a test must not depend on a `dist/` that may be stale. Gives the path of `write-leads.js`.
 */
export async function bundleGenerator(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const source = (name: string) =>
    fileURLToPath(new URL(`../../../src/data/leads/${name}.ts`, import.meta.url));
  await build({
    entryPoints: [source("write-leads"), source("materialise"), source("worker")],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
  });
  return join(folder, "write-leads.js");
}
