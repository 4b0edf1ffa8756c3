import { appendFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fixedClock } from "../../src/core/effects.ts";
import {
  exerciseState,
  foldEvents,
  hintsShown,
  lessonStep,
  type NewProgressEvent,
  openProgress,
  type ProgressEvent,
} from "../../src/course/progress.ts";
import { newLine, readLog } from "../../src/course/progress-event.ts";
import { tempFolder } from "./toy.ts";

const clean = { exercise: "etl/clean", version: 1 } as const;

async function openStore(machine = "here") {
  const workspace = await tempFolder();
  const clock = fixedClock(1_700_000_000_000);
  const log = join(workspace, ".taller", "progress.jsonl");
  return { workspace, clock, log, store: openProgress(workspace, { clock, machine }) };
}

/** Events as they come out of the log, from what a learner did, one a second. */
function fold(events: readonly NewProgressEvent[]) {
  return foldEvents(
    readLog(
      events.map((event, i) => newLine(event, { time: 1000 * i, machine: "m" }).text).join("\n"),
    ).flatMap(({ event }) => (event === undefined ? [] : [event])),
  );
}

test("progress is empty before the first event", async () => {
  const { store } = await openStore();

  expect(await store.read()).toEqual({ events: 0, exercises: {}, lessons: {} });
});

test("what is recorded is read back, by this store and by the next one", async () => {
  const { workspace, clock, store } = await openStore();
  await store.record({ kind: "step", lesson: "etl", step: "bytes" });
  await store.record({ kind: "step", lesson: "etl", step: "types" });
  await store.record({ kind: "quiz", lesson: "etl", quiz: "rows", answer: "many", isRight: false });
  await store.record({ kind: "quiz", lesson: "etl", quiz: "rows", answer: "few", isRight: true });
  await store.record({ kind: "hint", ...clean, level: 2 });
  await store.record({ kind: "attempt", ...clean, failed: "rows", mistake: "null-to-zero" });
  const progress = await openProgress(workspace, { clock }).read();

  expect(lessonStep(progress, "etl")).toBe("types");
  expect(progress.lessons.etl?.quizzes.rows).toEqual({
    answers: 2,
    isFirstRight: false,
    isRight: true,
    lastAnswer: "few",
  });
  expect(hintsShown(progress, "etl/clean", 1)).toBe(2);
  expect(hintsShown(progress, "etl/clean", 2)).toBe(0);
  expect(exerciseState(progress, "etl/clean", 1)).toBe("started");
});

test.each<[string, readonly NewProgressEvent[], number, string]>([
  ["nothing", [], 1, "untouched"],
  ["a failed attempt", [{ kind: "attempt", ...clean }], 1, "started"],
  ["a pass", [{ kind: "pass", ...clean }], 1, "passed"],
  [
    "a pass, then a reveal",
    [
      { kind: "pass", ...clean },
      { kind: "reveal", ...clean },
    ],
    1,
    "passed",
  ],
  [
    "a pass, a reveal, another pass",
    [
      { kind: "pass", ...clean },
      { kind: "reveal", ...clean },
      { kind: "pass", ...clean },
    ],
    1,
    "passed",
  ],
  [
    "a reveal, then a pass",
    [
      { kind: "reveal", ...clean },
      { kind: "pass", ...clean },
    ],
    1,
    "passed-with-solution",
  ],
  ["a reveal", [{ kind: "reveal", ...clean }], 1, "started"],
  [
    "a pass, then a reset",
    [
      { kind: "pass", ...clean },
      { kind: "reset", ...clean },
    ],
    1,
    "passed",
  ],
  ["a pass of an older version", [{ kind: "pass", ...clean }], 2, "task-changed"],
  ["an attempt at an older version", [{ kind: "attempt", ...clean }], 2, "task-changed"],
  [
    "an older pass, then an attempt at the new version",
    [
      { kind: "pass", ...clean },
      { kind: "attempt", exercise: "etl/clean", version: 2 },
    ],
    2,
    "started",
  ],
  [
    "passes of both versions",
    [
      { kind: "pass", ...clean },
      { kind: "pass", exercise: "etl/clean", version: 2 },
    ],
    2,
    "passed",
  ],
])("after %s the exercise is as said", (_name, events, version, state) => {
  expect(exerciseState(fold(events), "etl/clean", version)).toBe(state);
});

test("events of one millisecond keep their order", async () => {
  const { store } = await openStore();
  const made: ProgressEvent[] = [];
  for (let i = 0; i < 40; i++) made.push(await store.record({ kind: "step", lesson: "etl", step: `s${i}` }));

  expect((await store.read()).lessons.etl?.steps).toEqual(made.map((_event, i) => `s${i}`));
});

test("a clock that is set back does not turn a pass before a reveal into one after it", async () => {
  const { store, clock } = await openStore();
  await store.record({ kind: "pass", ...clean });
  clock.advance(-60_000);
  await store.record({ kind: "reveal", ...clean });

  expect(exerciseState(await store.read(), "etl/clean", 1)).toBe("passed");
});

test("a torn last line is ignored, and the next event is not spoiled by it", async () => {
  const { store, log } = await openStore();
  await store.record({ kind: "pass", ...clean });
  await store.record({ kind: "hint", ...clean, level: 1 });
  await truncate(log, (await stat(log)).size - 20);
  expect(await store.read()).toMatchObject({ events: 1 });
  await store.record({ kind: "hint", ...clean, level: 3 });

  expect(await store.read()).toMatchObject({ events: 2 });
  expect(hintsShown(await store.read(), "etl/clean", 1)).toBe(3);
});

test("a whole line that another process wrote behind a torn one is read", async () => {
  const { store, log } = await openStore();
  await store.record({ kind: "pass", ...clean });
  const line = newLine({ kind: "reveal", ...clean }, { time: 1_700_000_000_001, machine: "m" }).text;
  await appendFile(log, `${line.slice(0, 50)}${line}\n`);

  expect((await store.read()).exercises["etl/clean"]?.reveals).toEqual([1]);
});

test("a cache that is stale, torn or gone is rebuilt from the log", async () => {
  const { workspace, store, log } = await openStore();
  const cache = join(workspace, ".taller", "progress.json");
  await store.record({ kind: "pass", ...clean });
  const progress = await store.read();
  expect(JSON.parse(await readFile(cache, "utf8"))).toMatchObject({ progress });
  await writeFile(cache, '{"log":');
  expect(await store.read()).toEqual(progress);
  const line = newLine({ kind: "hint", ...clean, level: 1 }, { time: 1_700_000_000_009, machine: "m" });
  await appendFile(log, `${line.text}\n`);

  expect(await store.read()).toMatchObject({ events: 2 });
});

test("the cache is used while the log is the one it was made from", async () => {
  const { workspace, store } = await openStore();
  await store.record({ kind: "pass", ...clean });
  await store.read();
  const cache = join(workspace, ".taller", "progress.json");
  await writeFile(cache, (await readFile(cache, "utf8")).replace('"events":1', '"events":77'));

  expect(await store.read()).toMatchObject({ events: 77 });
});

test("a kind of event that a later version made is kept by merge and left out of the state", async () => {
  const { store } = await openStore();
  const later = '{"id":"zz","time":1,"machine":"m","kind":"badge","name":"x"}';

  expect(await store.merge(`${later}\nnot an event\n`)).toEqual({ added: 1, known: 0, ignored: 1 });
  expect(await store.read()).toMatchObject({ events: 0 });
  expect(await store.export()).toBe(`${later}\n`);
});

test("a learner's novel of an answer is cut, so that a line stays below 4 kB", async () => {
  const { store, log } = await openStore();
  await store.record({ kind: "quiz", lesson: "etl", quiz: "q", answer: "ñ".repeat(10_000), isRight: false });

  expect((await stat(log)).size).toBeLessThan(4_000);
});

const event: fc.Arbitrary<NewProgressEvent> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("pass" as const, "reveal" as const, "attempt" as const, "reset" as const),
    exercise: fc.constantFrom("etl/clean", "etl/dedupe"),
    version: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant("hint" as const),
    exercise: fc.constant("etl/clean"),
    version: fc.integer({ min: 1, max: 2 }),
    level: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant("step" as const),
    lesson: fc.constant("etl"),
    step: fc.constantFrom("a", "b", "constructor"),
  }),
  fc.record({
    kind: fc.constant("quiz" as const),
    lesson: fc.constant("etl"),
    quiz: fc.constantFrom("q", "constructor", "__proto__"),
    answer: fc.string(),
    isRight: fc.boolean(),
  }),
);
const line = fc
  .tuple(event, fc.integer({ min: 1, max: 5 }), fc.constantFrom("a", "b"))
  .map(([made, time, machine]) => newLine(made, { time, machine }).text);

function stateOf(log: string) {
  return foldEvents(readLog(log).flatMap((one) => (one.event === undefined ? [] : [one.event])));
}

test("the state depends on the set of events only: order, repetition and splits of the log change nothing", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (lines, random) => {
      const shuffled = lines
        .flatMap((text) => [text, text])
        .map((text) => ({ text, key: random.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ text }) => text);
      expect(stateOf(shuffled.join("\n"))).toEqual(stateOf(lines.join("\n")));
    }),
  );
});

test("cut anywhere, a log gives the state of its whole lines", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 10 }), fc.nat(), (lines, at) => {
      const log = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const cut = log.subarray(0, at % (log.length + 1));
      const whole = lines.filter(
        (_text, i) => Buffer.byteLength(lines.slice(0, i + 1).join("\n")) <= cut.length,
      );
      expect(stateOf(cut.toString())).toEqual(stateOf(whole.join("\n")));
    }),
  );
});

test("merge is a union: it commutes, repeats without effect, and loses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.array(line, { maxLength: 8 }),
      fc.array(line, { maxLength: 8 }),
      async (common, onlyA, onlyB) => {
        const a = await openStore("a");
        const b = await openStore("b");
        const logOf = (lines: readonly string[]) => lines.map((text) => `${text}\n`).join("");
        for (const { log } of [a, b]) await mkdir(join(log, ".."), { recursive: true });
        await writeFile(a.log, logOf([...common, ...onlyA]));
        await writeFile(b.log, logOf([...common, ...onlyB]));
        await a.store.merge(await b.store.export());
        await b.store.merge(await a.store.export());
        const again = await b.store.merge(await a.store.export());

        expect(again.added).toBe(0);
        expect(await a.store.export()).toBe(await b.store.export());
        expect(await a.store.read()).toEqual(stateOf(logOf([...common, ...onlyA, ...onlyB])));
      },
    ),
    { numRuns: 15 },
  );
});
