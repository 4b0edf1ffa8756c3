import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The toy course of the repo. Tests of the tutor never read the real lessons. */
export const toyRoot = fileURLToPath(new URL("../fixtures/course", import.meta.url));

/** An empty folder outside the repo, gone when the test ends. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taller-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of the toy course that a test may change. */
export async function copyToy(): Promise<string> {
  const root = join(await tempFolder(), "course");
  await cp(toyRoot, root, { recursive: true });
  return root;
}
