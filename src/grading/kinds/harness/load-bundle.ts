import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import type { BundleInit } from "../ts/protocol.ts";
import { DOORS } from "./doors.ts";
import type { GuardedRequire } from "./guarded-require.ts";
import { seededCrypto } from "./world.ts";

export type Exports = Readonly<Record<string, unknown>>;

/** Loads a submission's bundle; its virtual modules find the libraries by name while it loads. */
export async function loadBundle(
  { path, format }: BundleInit,
  libraries: Readonly<Record<string, unknown>>,
  guarded: GuardedRequire,
): Promise<Exports> {
  Object.defineProperty(globalThis, DOORS, { value: libraries, configurable: true });
  try {
    return format === "cjs" ? runCommonJs(path, guarded) : await importModule(path, guarded);
  } finally {
    Reflect.deleteProperty(globalThis, DOORS);
  }
}

/** The usual form: it starts sooner than a module, and `import()` from a string has no way out of it. */
function runCommonJs(path: string, guarded: GuardedRequire): Exports {
  const run = compileFunction(readFileSync(path, "utf8"), ["module", "exports", "require"], {
    filename: path,
  });
  const module: { exports: Exports } = { exports: {} };
  Reflect.apply(run, undefined, [module, module.exports, guarded]);
  return module.exports;
}

/** For a file that awaits while it loads. Its own imports are the harmless ones: the bundler saw to that. */
async function importModule(path: string, guarded: GuardedRequire): Promise<Exports> {
  seededCrypto();
  Object.defineProperty(globalThis, "require", { value: guarded });
  return (await import(pathToFileURL(path).href)) as Exports;
}
