import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { discoverCourse } from "../../src/course/discovery.ts";
import { type Next, nextThing } from "../../src/course/next.ts";
import { foldEvents, type NewProgressEvent } from "../../src/course/progress.ts";
import { newLine } from "../../src/course/progress-event.ts";
import { copyToy, toyRoot } from "./toy.ts";

/** What comes next after these events: `step count`, `exercise big`, `done`. */
async function nextAfter(events: readonly NewProgressEvent[], root = toyRoot): Promise<string> {
  const made = events.map((event, i) => newLine(event, { time: i, machine: "m" }).event);
  const progress = foldEvents(made.flatMap((event) => (event === undefined ? [] : [event])));
  return inWords(await nextThing(await discoverCourse(root), progress));
}

function inWords(next: Next): string {
  if (next.kind === "lesson") return `step ${next.step}`;
  return next.kind === "exercise"
    ? `exercise ${next.exercise.slug}${next.isTaskChanged ? " again" : ""}`
    : "done";
}

const step = (id: string): NewProgressEvent => ({ kind: "step", lesson: "toy", step: id });
const pass = (slug: string, version = 1): NewProgressEvent => ({
  kind: "pass",
  exercise: `toy/${slug}`,
  version,
});

test("a lesson begins at its first step, and each exercise comes where the lesson asks for it", async () => {
  expect(await nextAfter([])).toBe("step count");
  expect(await nextAfter([step("count")])).toBe("step filter");
  expect(await nextAfter([step("count"), step("filter")])).toBe("exercise big");
  expect(await nextAfter([step("count"), step("filter"), pass("big")])).toBe("step pipeline");
});

test("a step that was jumped over counts as read, its exercise does not count as done", async () => {
  expect(await nextAfter([step("practice")])).toBe("exercise big");
});

test("going back does not take away what was reached", async () => {
  expect(await nextAfter([step("filter"), pass("big"), step("count")])).toBe("step pipeline");
});

test("when everything is passed there is nothing next, until a task changes", async () => {
  const root = await copyToy();
  const [module] = (await discoverCourse(root)).modules;
  const events = [
    step("on-a-real-cluster"),
    ...(module?.exercises.map((exercise) => pass(exercise.slug)) ?? []),
  ];
  expect(await nextAfter(events, root)).toBe("done");
  const file = join(root, "01-toy", "exercises", "1-big", "exercise.ts");
  await writeFile(file, (await readFile(file, "utf8")).replace("version: 1", "version: 2"));

  expect(await nextAfter(events, root)).toBe("exercise big again");
});
