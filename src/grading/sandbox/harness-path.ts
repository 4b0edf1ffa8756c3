import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export type HarnessName = "ts" | "router" | "sql" | "postgres";

const here = fileURLToPath(import.meta.url);
const isSource = here.endsWith(".ts");
let folder: Promise<string> | undefined;

/** The bundle that a sandboxed process of this kind runs. */
export function harnessPath(name: HarnessName): Promise<string> {
  return harnessAsset(`${name}.cjs`);
}

/** A file that was built beside the bundles. */
export async function harnessAsset(file: string): Promise<string> {
  return join(await harnessFolder(), file);
}

/** Export names of the libraries that a harness hands to submissions, by import name. */
export async function doorNames(name: HarnessName): Promise<Readonly<Record<string, readonly string[]>>> {
  const doors: unknown = JSON.parse(readFileSync(join(await harnessFolder(), "doors.json"), "utf8"));
  return (doors as Record<HarnessName, Record<string, string[]>>)[name];
}

/** `dist/harness`; from source (tests) it is built into a cache, once per state of the sources. */
function harnessFolder(): Promise<string> {
  folder ??= isSource ? buildFromSource() : Promise.resolve(builtFolder());
  return folder;
}

function builtFolder(): string {
  const built = join(dirname(here), "..", "..", "..", "harness");
  if (!existsSync(built)) throw new Error(`the build is incomplete: ${built} is missing`);
  return built;
}

async function buildFromSource(): Promise<string> {
  const root = join(dirname(here), "..", "..", "..");
  const script: unknown = await import(pathToFileURL(join(root, "scripts", "build-harness.mjs")).href);
  const { buildHarnessOnce } = script as { buildHarnessOnce(): Promise<string> };
  return buildHarnessOnce();
}
