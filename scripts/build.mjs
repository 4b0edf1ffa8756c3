// Builds dist/: src and the lessons' code compiled, the lessons' texts beside it, the sandbox's harness bundles.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

export async function build() {
  const next = join(root, `.dist-${process.pid}`);
  rmSync(next, { recursive: true, force: true });
  try {
    compile(next);
    copyLessons(next);
    const harness = join(root, "scripts", "build-harness.mjs");
    if (existsSync(harness)) {
      const { buildHarness } = await import(pathToFileURL(harness).href);
      await buildHarness(join(next, "harness"));
    }
    writeFileSync(join(next, ".built"), new Date().toISOString());
    rmSync(dist, { recursive: true, force: true });
    renameSync(next, dist);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

function compile(outDir) {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(manifest), "bin", "tsc");
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", outDir];
  const run = spawnSync(process.execPath, args, { stdio: "inherit", cwd: root });
  if (run.status !== 0) {
    process.exitCode = 1;
    throw new Error("the build stopped: see the type errors above");
  }
}

/** The `.ts` lies beside its `.js` to be read; it is never loaded from there. */
function copyLessons(outDir) {
  mkdirSync(join(outDir, "lessons"), { recursive: true });
  cpSync(join(root, "lessons"), join(outDir, "lessons"), { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
