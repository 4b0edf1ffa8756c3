import { SourceMap } from "node:module";
import type { BuildFailure, Message, Plugin } from "esbuild";
import { SubmissionError } from "../submission.ts";
import { refusedImport } from "./allowed-imports.ts";

/** A submission's TypeScript as one file without imports but Node's own harmless modules. */
export interface Bundle {
  /** `submission.cjs`; `submission.mjs` where the file awaits while it loads. */
  readonly name: string;
  readonly format: "cjs" | "esm";
  readonly code: string;
  readonly map: SourceMap;
}

export interface BundleRequest {
  /** The first is the entry; the others are imported by it. */
  readonly files: readonly string[];
  readonly contents: Readonly<Record<string, string>>;
  /** Export names of each library that the harness holds. */
  readonly doors: Readonly<Record<string, readonly string[]>>;
}

const SUBMISSION = "submission";
const DOOR = "door";
const NAME = "name of a door";

/**
 * Strips the types and joins the files, once for all cases. Throws a {@link SubmissionError}: `syntax` with
 * line and column of the learner's file, or `refused` for an import that has no place in the sandbox.
 */
export async function bundleSubmission(request: BundleRequest): Promise<Bundle> {
  try {
    return await bundleAs("cjs", request);
  } catch (error) {
    const awaits =
      isBuildFailure(error) && error.errors.every(({ text }) => text.startsWith("Top-level await"));
    if (!awaits) throw submissionErrorOf(error, request.files[0] ?? "");
  }
  return bundleAs("esm", request).catch((error: unknown) => {
    throw submissionErrorOf(error, request.files[0] ?? "");
  });
}

async function bundleAs(format: "cjs" | "esm", request: BundleRequest): Promise<Bundle> {
  const { build } = await import("esbuild");
  const name = format === "cjs" ? "submission.cjs" : "submission.mjs";
  const result = await build({
    entryPoints: request.files.slice(0, 1),
    bundle: true,
    write: false,
    outfile: name,
    format,
    platform: "node",
    target: "node20",
    // `import(name)` becomes a call of the harness's guarded `require`.
    supported: { "dynamic-import": false },
    charset: "utf8",
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "silent",
    legalComments: "none",
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
    plugins: [submissionPlugin(request)],
  });
  const output = (suffix: string) => result.outputFiles.find((file) => file.path.endsWith(suffix))?.text;
  return { name, format, code: output(name) ?? "", map: new SourceMap(JSON.parse(output(".map") ?? "{}")) };
}

/** Resolves only the submission's own files, the doors and Node's harmless modules; reads nothing from disk. */
function submissionPlugin({ contents, doors }: BundleRequest): Plugin {
  return {
    name: "submission",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /.*/ }, ({ path, importer, kind, namespace }) => {
        if (kind === "entry-point") return { path, namespace: SUBMISSION };
        if (namespace === DOOR) {
          return {
            path: `${importer}/${path}`,
            namespace: NAME,
            pluginData: [importer, path],
            sideEffects: false,
          };
        }
        if (path in doors) return { path, namespace: DOOR, sideEffects: false };
        const own = ownFile(contents, importer, path);
        if (own !== undefined) return { path: own, namespace: SUBMISSION };
        const refused = refusedImport(path);
        return refused === undefined
          ? { path, external: true }
          : { errors: [{ text: refused, detail: path }] };
      });
      onLoad({ filter: /.*/, namespace: SUBMISSION }, ({ path }) => ({
        contents: contents[path] ?? "",
        loader: path.endsWith(".json") ? "json" : /\.[mc]?js$/.test(path) ? "js" : "ts",
      }));
      onLoad({ filter: /.*/, namespace: DOOR }, ({ path }) => ({
        contents: doorModule(doors[path] ?? []),
        loader: "js",
      }));
      onLoad({ filter: /.*/, namespace: NAME }, ({ pluginData }) => ({
        contents: nameModule(pluginData),
        loader: "js",
      }));
    },
  };
}

/** `./clean.ts`, `./clean` and `./clean.js` all name the learner's `clean.ts`. */
function ownFile(
  contents: Readonly<Record<string, string>>,
  importer: string,
  path: string,
): string | undefined {
  if (!path.startsWith(".")) return undefined;
  const folder = importer.includes("/") ? importer.slice(0, importer.lastIndexOf("/") + 1) : "";
  const name = new URL(path, `submission:///${folder}`).pathname.slice(1);
  return [name, `${name}.ts`, name.replace(/\.js$/, ".ts")].find((candidate) => candidate in contents);
}

/**
 * A module whose exports are the harness's own library; names may be any word (`express.static`). Each has a
 * module of its own, so that only what a submission uses is read: a part of a library is set up for its first name.
 */
function doorModule(exportNames: readonly string[]): string {
  return exportNames.map((name) => `export { default as ${name} } from "${name}";`).join("\n");
}

/** One export of a library; the default is the library itself. */
function nameModule([door, name]: readonly [string, string]): string {
  const own = `globalThis[Symbol.for("taller.doors")][${JSON.stringify(door)}]`;
  return `export default ${name === "default" ? own : `${own}[${JSON.stringify(name)}]`};`;
}

function submissionErrorOf(error: unknown, entry: string): unknown {
  const first = isBuildFailure(error) ? error.errors[0] : undefined;
  if (first === undefined) return error;
  const file = first.location?.file.replace(/^submission:/, "") ?? entry;
  const line = first.location?.line ?? 1;
  if (typeof first.detail === "string") {
    return new SubmissionError({ kind: "refused", what: "import", message: first.text, file, line });
  }
  return new SubmissionError({
    kind: "syntax",
    file,
    line,
    column: columnOf(first),
    message: first.text,
  });
}

/** esbuild counts bytes of UTF-8 from 0; editors count characters from 1. */
function columnOf(message: Message): number {
  const { location } = message;
  if (location === null) return 1;
  return Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
