import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openGrader } from "../../src/cli/watch/grader.ts";
import { type FileWatch, watchFiles } from "../../src/cli/watch/watch-files.ts";
import { CancelledError } from "../../src/core/errors.ts";
import type { Verdict } from "../../src/grading/verdict.ts";

let folder = "";
let watching: FileWatch | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-files-"));
});

afterEach(async () => {
  watching?.close();
  await rm(folder, { recursive: true, force: true });
});

async function until(isDone: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Counts saves. */
function countSaves(paths: string[], hasEvents: boolean): { count: number } {
  const saves = { count: 0 };
  watching = watchFiles({ paths, pollMs: 20, hasEvents, onChange: () => saves.count++ });
  return saves;
}

describe("watching files", () => {
  test.each([
    ["events", true],
    ["polling only", false],
  ])("tells of a save by %s", async (_how, hasEvents) => {
    const path = join(folder, "a.sql");
    await writeFile(path, "one");
    const saves = countSaves([path], hasEvents);
    await writeFile(path, "two");
    await until(() => saves.count > 0, "the save");
  });

  test("tells of a save of the same text, of a file that appears and of one that is renamed over", async () => {
    const path = join(folder, "a.sql");
    const saves = countSaves([path], true);
    await writeFile(path, "one");
    await until(() => saves.count === 1, "the new file");
    await writeFile(path, "one");
    await until(() => saves.count === 2, "the same text");
    await writeFile(join(folder, "b"), "two");
    await rename(join(folder, "b"), path);
    await until(() => saves.count === 3, "the renamed file");
  });
});

describe("the grader", () => {
  test("stops what a newer request overtakes, and gives only the last verdict", async () => {
    const started: string[] = [];
    const stopped: string[] = [];
    const done: string[] = [];
    const grader = openGrader(
      {
        grade: async (id, { signal }) => {
          started.push(id);
          if (id === "last") return verdictOf(id);
          await new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
          stopped.push(id);
          throw new CancelledError();
        },
      },
      (graded) => done.push(graded.id),
    );
    grader.request("first");
    grader.request("second");
    grader.request("last");
    await until(() => done.length > 0, "a verdict");
    await grader.stop();
    expect(started).toEqual(["first", "last"]);
    expect(stopped).toEqual(["first"]);
    expect(done).toEqual(["last"]);
  });

  test("passes on what a grading throws", async () => {
    const done: unknown[] = [];
    const grader = openGrader({ grade: () => Promise.reject(new Error("boom")) }, (graded) =>
      done.push(graded),
    );
    grader.request("a");
    await until(() => done.length > 0, "the failure");
    expect(done).toMatchObject([{ kind: "failed", id: "a", error: { message: "boom" } }]);
  });
});

function verdictOf(exercise: string): Verdict {
  return { exercise, version: 1, passed: true, state: "passed", seconds: 0, typeErrors: [], checks: [] };
}
