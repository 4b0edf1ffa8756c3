import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Files, GradableExercise } from "./gradable.ts";

/** A hash over several parts; the same parts in the same order give the same 40 hexadecimal digits. */
export function hashOf(...parts: readonly (string | number | Uint8Array | undefined)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = part instanceof Uint8Array ? part : Buffer.from(String(part ?? ""));
    // The length before the bytes: "ab", "c" is not "a", "bc".
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex").slice(0, 40);
}

/** A 32-bit number from words: the seed of a stream of random numbers that belongs to them. */
export function seedOf(...words: readonly string[]): number {
  return Number.parseInt(hashOf(...words).slice(0, 8), 16);
}

/** The files' names and contents, whatever the order in which they are listed. */
export function hashOfFiles(files: Files): string {
  return hashOf(
    ...Object.keys(files)
      .sort()
      .flatMap((name) => [name, files[name] ?? ""]),
  );
}

/**
 * What makes an expected value or a wrong answer's outcome stale: the exercise's version and own files (its
 * checks and queries), the reference solution, and this installation with the engines that it pins.
 */
export function hashOfExercise(exercise: GradableExercise): string {
  const own = readdirSync(exercise.dir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => entry.name)
    .sort();
  return hashOf(
    exercise.id,
    exercise.spec.version,
    hashOfFiles(exercise.solution),
    installation(),
    ...own.flatMap((name) => [name, readFileSync(join(exercise.dir, name))]),
  );
}

let installationText: string | undefined;

/** The package's own `package.json`: its version and the exact versions of the engines. */
function installation(): string {
  if (installationText !== undefined) return installationText;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  installationText = readFileSync(join(folder, "package.json"), "utf8");
  return installationText;
}
