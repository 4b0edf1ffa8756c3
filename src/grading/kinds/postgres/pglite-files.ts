import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";

/** Makes databases from a template in which PostgreSQL has been initialised: initdb takes seconds. */
export interface PgliteFactory {
  create(): Promise<PGlite>;
}

/** Reads and compiles what PGlite needs, once; its files are named by the arguments of the process. */
export async function loadPglite(): Promise<PgliteFactory> {
  const assets = argument("--assets=");
  const [code, initdb, bundle, template] = await Promise.all([
    readFile(join(assets, "pglite.wasm")),
    readFile(join(assets, "initdb.wasm")),
    readFile(join(assets, "pglite.data")),
    readFile(argument("--template=")),
  ]);
  const pgliteWasmModule = await WebAssembly.compile(code);
  const initdbWasmModule = await WebAssembly.compile(initdb);
  const fsBundle = new Blob([bundle]);
  const loadDataDir = new Blob([template], { type: "application/x-gzip" });
  return {
    create: () => PGlite.create({ pgliteWasmModule, initdbWasmModule, fsBundle, loadDataDir }),
  };
}

function argument(prefix: string): string {
  const found = process.argv.find((one) => one.startsWith(prefix));
  if (found === undefined) throw new Error(`the argument ${prefix} is missing`);
  return found.slice(prefix.length);
}
