import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildFailure, build, type Message, type Plugin } from "esbuild";
import { messageOf, UserError } from "../core/errors.ts";
import { courseError } from "./course-error.ts";
import { type DoorName, doorSource, openDoors } from "./doors.ts";
import { ownPackageRoot } from "./own-package.ts";

/** Bundles a TypeScript file in memory, imports the result, and gives its exports. Unchanged files are not bundled again. */
export async function importBundled(path: string): Promise<Record<string, unknown>> {
  const known = loaded.get(path);
  if (known !== undefined && (await fingerprint(known.inputs)) === known.fingerprint) return known.exports;
  const bundle = await bundleFile(path);
  const exports = await importText(bundle.code, bundle.map, path);
  loaded.set(path, { inputs: bundle.inputs, fingerprint: await fingerprint(bundle.inputs), exports });
  return exports;
}

const loaded = new Map<
  string,
  { inputs: readonly string[]; fingerprint: string; exports: Record<string, unknown> }
>();

interface Bundle {
  readonly code: string;
  readonly map: string;
  /** Absolute paths of the files that went in. */
  readonly inputs: readonly string[];
}

async function bundleFile(path: string): Promise<Bundle> {
  const doors = await openDoors();
  const folder = dirname(path);
  try {
    const result = await build({
      absWorkingDir: folder,
      entryPoints: [path],
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      // Without a list esbuild adds the condition "module", and Node would be given another file than it takes itself.
      conditions: [],
      define: {
        "import.meta.url": JSON.stringify(pathToFileURL(path).href),
        "import.meta.filename": JSON.stringify(path),
        "import.meta.dirname": JSON.stringify(folder),
      },
      sourcemap: "external",
      sourcesContent: false,
      outfile: join(folder, "bundle.mjs"),
      write: false,
      metafile: true,
      logLevel: "silent",
      plugins: [doorsPlugin(doors), packagesPlugin()],
      // A tsconfig.json that happens to lie above a stranger's course must not change what its code means.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    const text = (ending: string) =>
      result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
    const inputs = Object.keys(result.metafile.inputs)
      .filter((input) => !input.startsWith("taller-door:"))
      .map((input) => resolve(folder, input));
    return { code: text(".mjs"), map: text(".mjs.map"), inputs };
  } catch (error) {
    const first = isBuildFailure(error) ? error.errors[0] : undefined;
    if (first === undefined) throw error;
    throw courseError({
      code: "course-code",
      what: first.text,
      ...placeOf(first, folder, path),
      cause: error,
    });
  }
}

function doorsPlugin(doors: Readonly<Record<DoorName, object>>): Plugin {
  return {
    name: "taller-doors",
    setup(build) {
      build.onResolve({ filter: /^taller(\/.*)?$/ }, ({ path }) =>
        path === "taller" || path === "taller/author"
          ? { path, namespace: "taller-door" }
          : { errors: [{ text: `"${path}" is no door of taller: import "taller" or "taller/author"` }] },
      );
      build.onLoad({ filter: /.*/, namespace: "taller-door" }, ({ path }) => {
        const name = path === "taller" ? "taller" : "taller/author";
        return { contents: doorSource(name, doors[name]), loader: "js" };
      });
    },
  };
}

/** Packages are the installation's own (its zod must be the one that parses options); then the course's, if it brings any. */
function packagesPlugin(): Plugin {
  const asked = Symbol("asked");
  return {
    name: "installed-packages",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (
          args.kind === "entry-point" ||
          args.pluginData === asked ||
          /^([A-Za-z]:[\\/]|node:)/.test(args.path)
        )
          return undefined;
        for (const resolveDir of [ownPackageRoot(), args.resolveDir]) {
          const found = await build.resolve(args.path, { resolveDir, kind: args.kind, pluginData: asked });
          if (found.errors.length > 0) continue;
          if (found.external) return { path: found.path, external: true };
          return { path: pathToFileURL(found.path).href, external: true };
        }
        return { errors: [{ text: `the package "${args.path}" is not installed with taller` }] };
      });
    },
  };
}

/** Imports a module's text through a file of its own in the temporary folder, gone when the call ends. */
async function importText(code: string, map: string, path: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "taller-module-"));
  const file = join(folder, "module.mjs");
  try {
    await writeFile(file, code);
    return await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error);
    throw courseError({ code: "course-code", what, ...thrownAt(error, map, path), cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The place in the course's own file at which an import threw, read from the stack through the source map. */
function thrownAt(error: unknown, map: string, path: string): { file: string; line?: number } {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, line, column] of stack.matchAll(/module\.mjs(?:\?[^:]*)?:(\d+):(\d+)/g)) {
    const entry = new SourceMap(JSON.parse(map)).findEntry(Number(line) - 1, Number(column) - 1);
    if ("originalSource" in entry && !entry.originalSource.startsWith("taller-door:"))
      return { file: resolve(dirname(path), entry.originalSource), line: entry.originalLine + 1 };
  }
  return { file: path };
}

function placeOf(message: Message, folder: string, path: string): { file: string; line?: number } {
  const { location } = message;
  return location === null ? { file: path } : { file: resolve(folder, location.file), line: location.line };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

async function fingerprint(paths: readonly string[]): Promise<string> {
  const stats = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found === undefined ? "gone" : `${found.mtimeMs}-${found.size}`;
    }),
  );
  return stats.join(" ");
}
