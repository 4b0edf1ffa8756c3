import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs with a new empty folder, which is removed at the end. */
export function withFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "taller-kafka-"));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
