import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Bundles `tests/pty/demos/<name>.ts` so that plain node can run it in a pty; gives the path of the script. */
export async function buildDemo(name: string): Promise<string> {
  const outfile = join(here, "..", "..", "node_modules", ".cache", "taller-pty", `${basename(name)}.mjs`);
  await mkdir(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [join(here, "demos", `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    conditions: ["source"],
    logLevel: "error",
  });
  return outfile;
}
