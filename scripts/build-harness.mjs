// Bundles what runs in the sandbox: one file per kind, so that a sandboxed process reads nothing else.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kinds = join(root, "src", "grading", "kinds");
const cache = join(root, "node_modules", ".cache", "taller-harness");

/** Writes `<kind>.cjs` for each kind that runs code, and `doors.json`: the names that submissions may import. */
export async function buildHarness(outDir) {
  mkdirSync(outDir, { recursive: true });
  const names = readdirSync(kinds).filter((name) => existsSync(join(kinds, name, "harness.ts")));
  await build({
    entryPoints: names.map((name) => ({ in: join(kinds, name, "harness.ts"), out: name })),
    outdir: outDir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    // CommonJS starts 10 ms sooner than an ES module.
    format: "cjs",
    target: "node20",
    // What CommonJS lacks and PGlite asks for.
    define: { "import.meta.url": "bundleUrl" },
    // Strict: what a submission makes the harness call must not walk up to its caller's arguments.
    banner: { js: '"use strict"; const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    legalComments: "none",
    logLevel: "warning",
    plugins: [duckdbBinding()],
  });
  copyFileSync(await postgresTemplate(), join(outDir, "postgres-template.tgz"));
  writeFileSync(join(outDir, "doors.json"), `${JSON.stringify(await doors(names), null, 2)}\n`);
}

/**
 * The files of a PostgreSQL that has been initialised: `initdb` takes seconds, unpacking them half of one.
 * Made once per version of PGlite.
 */
async function postgresTemplate() {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(
    readFileSync(join(dirname(require.resolve("@electric-sql/pglite")), "..", "package.json"), "utf8"),
  );
  const path = join(cache, `postgres-${version}.tgz`);
  if (existsSync(path)) return path;
  const { PGlite } = await import("@electric-sql/pglite");
  // Segments of 1 MB in place of 16: nothing here outlives a case.
  const pg = await PGlite.create({ initDbStartParams: ["--wal-segsize=1"] });
  await pg.exec("CHECKPOINT");
  const dump = await pg.dumpDataDir("gzip");
  await pg.close();
  mkdirSync(cache, { recursive: true });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, new Uint8Array(await dump.arrayBuffer()));
  renameSync(beside, path);
  return path;
}

/** Builds from the sources into a cache, once per state of the sources; gives the folder. */
export async function buildHarnessOnce() {
  const folder = join(cache, sourcesHash());
  if (existsSync(join(folder, "doors.json"))) return folder;
  const beside = `${folder}.${process.pid}`;
  await buildHarness(beside);
  try {
    renameSync(beside, folder);
  } catch (error) {
    // Another process was first.
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(join(folder, "doors.json"))) throw error;
  }
  forgetOld(folder);
  return folder;
}

/** vitest's globalSetup: built once, before the workers ask for it. */
export async function setup() {
  await buildHarnessOnce();
}

async function doors(names) {
  const taller = await exportNames(join(root, "src", "index.ts"));
  const express = Object.keys(createRequire(import.meta.url)("express"));
  const byKind = { ts: { taller }, router: { taller, express: ["default", ...express] } };
  return Object.fromEntries(names.map((name) => [name, byKind[name] ?? {}]));
}

async function exportNames(entry) {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    outfile: "door.mjs",
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

/** DuckDB's JavaScript is bundled; its native binding is loaded from the path that the parent names. */
function duckdbBinding() {
  return {
    name: "duckdb-binding",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^@duckdb\/node-bindings$/ }, ({ path }) => ({ path, namespace: "binding" }));
      onLoad({ filter: /.*/, namespace: "binding" }, () => ({
        contents: `
          const path = process.argv.find((argument) => argument.startsWith("--binding=")).slice(10);
          const binding = { exports: {} };
          process.dlopen(binding, path);
          module.exports = binding.exports;`,
        loader: "js",
      }));
    },
  };
}

function sourcesHash() {
  const hash = createHash("sha256");
  for (const path of [
    ...sourceFiles(join(root, "src")),
    fileURLToPath(import.meta.url),
    join(root, "package-lock.json"),
  ]) {
    hash.update(relative(root, path)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** The layers that a harness may bundle: everything below `course` and `cli`. */
function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return ["cli", "course"].includes(entry.name) ? [] : sourceFiles(path);
      return entry.name.endsWith(".ts") ? [path] : [];
    });
}

function forgetOld(current) {
  const dayMs = 24 * 3600 * 1000;
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (path === current || name.startsWith("postgres-")) continue;
    try {
      if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process removes it too.
    }
  }
}
