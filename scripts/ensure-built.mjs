// Builds when dist/ is missing or older than a source: `npm ci --ignore-scripts` leaves none.
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export async function ensureBuilt() {
  if (isFresh()) return;
  const { build } = await import("./build.mjs");
  await build();
}

function isFresh() {
  let built;
  try {
    built = statSync(join(root, "dist", ".built")).mtimeMs;
  } catch {
    return false;
  }
  const sources = ["src", "lessons", "bench", "scripts"].map((name) => join(root, name));
  const settings = ["package.json", "tsconfig.json", "tsconfig.build.json"].map((name) => join(root, name));
  return [...sources, ...settings].every((path) => newest(path) <= built);
}

function newest(path) {
  let stat;
  try {
    stat = statSync(path);
  } catch {
    return 0;
  }
  if (!stat.isDirectory()) return stat.mtimeMs;
  let latest = stat.mtimeMs;
  for (const name of readdirSync(path)) latest = Math.max(latest, newest(join(path, name)));
  return latest;
}

await ensureBuilt().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
