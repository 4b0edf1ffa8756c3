// Writes docs/authoring.md: docs/authoring-prose.md and the reference that the schemas give.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
// Below node_modules, so that the packages that the bundle leaves out are found from there.
const folder = mkdtempSync(join(root, "node_modules", ".authoring-"));
try {
  const outfile = join(folder, "reference.mjs");
  await build({
    entryPoints: [join(root, "src", "course", "authoring-reference.ts")],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "warning",
  });
  const { authoringPage } = await import(pathToFileURL(outfile).href);
  writeFileSync(join(root, "docs", "authoring.md"), await authoringPage(root));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
