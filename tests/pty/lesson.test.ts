import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTaller, toyCourse } from "./taller.ts";
import { hasPty, KEYS, type TestTerminal } from "./terminal.ts";

let folder = "";
let terminal: TestTerminal | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-lesson-"));
});

afterEach(async () => {
  terminal?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The toy lesson, in a workspace that is named, so that nothing is asked before it. */
async function start(
  options: { lang?: string; columns?: number; args?: string[]; env?: Record<string, string> } = {},
) {
  const { lang = "en", columns = 80, args = [], env } = options;
  const pty = openTaller(
    ["lesson", "01", "--course", toyCourse, "--workspace", join(folder, "ws"), "--lang", lang, ...args],
    { cwd: folder, columns, rows: 40, env },
  );
  terminal = pty;
  await pty.waitFor(/Which folder|En qué carpeta|step \d of|paso \d de/);
  if (/folder|carpeta/.test(pty.screen())) pty.type(KEYS.enter);
  await pty.waitFor(/step \d of|paso \d de/);
  return pty;
}

describe.runIf(hasPty)("the lesson player", () => {
  test("runs a block when asked, and explains a wrong choice for itself", async () => {
    const pty = await start();
    await pty.waitFor("enter runs it");
    expect(pty.screen()).toContain("SELECT count(*) AS n");
    pty.type(KEYS.enter);
    await pty.waitFor("1 row · measured");
    await pty.waitFor("1-2 answers");
    pty.type("2");
    await pty.waitFor(/No\. That is count\(\*\)/);
    pty.type("1");
    await pty.waitFor(/Right\. Yes: NULL is not a value/);
    await pty.waitFor("enter goes on");
  });

  test("says what a quiz waits for when enter comes without an answer", async () => {
    const pty = await start({ args: ["--from", "pipeline"] });
    await pty.waitFor("goes on without an answer");
    pty.type(KEYS.enter);
    await pty.waitFor("Type a number");
  });

  test("resumes at the step where it was left", async () => {
    const first = await start();
    await first.waitFor("enter runs it");
    first.type(KEYS.enter);
    await first.waitFor("1-2 answers");
    first.type("1");
    await first.waitFor("enter goes on");
    first.type(KEYS.enter);
    await first.waitFor("step 2 of");
    first.type("q");
    expect(await first.waitForExit()).toEqual({ exitCode: 0, isCooked: true });
    expect(first.isCursorShown).toBe(true);
    first.close();
    const second = await start();
    await second.waitFor("step 2 of");
    second.type("b");
    await second.waitFor("step 1 of");
  });

  test("copies the exercise out and grades it on demand", async () => {
    const pty = await start({ args: ["--from", "filter"] });
    await pty.waitFor("c checks");
    const file = join(folder, "ws", "01-toy", "1-big", "big.sql");
    expect(await readFile(file, "utf8")).toContain("SELECT");
    pty.type("c");
    await pty.waitFor("FAILS");
    await writeFile(file, "SELECT id, x FROM numbers WHERE x >= 100");
    await pty.waitFor("c checks");
    pty.type("c");
    await pty.waitFor(/\+? ?01\/big .*passed/);
  });

  test("an exercise at the end of a step can still be graded after going on and back", async () => {
    const pty = await start({ args: ["--from", "filter"] });
    await pty.waitFor("c checks");
    pty.type(KEYS.enter);
    await pty.waitFor("step 3 of");
    pty.type("b");
    await pty.waitFor("step 2 of");
    await pty.waitFor("c checks");
    expect(pty.screen().match(/to grade it:/g)).toHaveLength(1);
  });

  test("opens the SQL prompt at s, and comes back to the step", async () => {
    const pty = await start({ args: ["--from", "filter"] });
    await pty.waitFor("s SQL prompt");
    pty.type("s");
    await pty.waitFor("sql>");
    pty.type("SELECT count(*) AS how_many\r");
    await pty.waitFor("...>");
    pty.type("FROM numbers;\r");
    await pty.waitFor("how_many");
    await pty.waitFor("1 row · measured");
    pty.type("SELEC;\r");
    await pty.waitFor(/error.*syntax error/s);
    pty.type("SELECT count(*) FROM range(1000000000000) AS a(x) WHERE x % 7 = 3;\r");
    await pty.waitFor("% 7 = 3;");
    pty.type(KEYS.ctrlC);
    await pty.waitFor("Query stopped.");
    // Ctrl-D typed ahead, while the query runs.
    pty.type(`SELECT 1 AS last_one;\r${KEYS.ctrlD}`);
    await pty.waitFor("s SQL prompt");
    expect(pty.screen()).toContain("step 2 of");
  });

  test("draws the step anew at 60 columns, and leaves with Ctrl-C, the terminal restored", async () => {
    const pty = await start({ lang: "es" });
    await pty.waitFor("enter ejecuta");
    pty.resize(60, 40);
    await pty.waitFor(/^─{60}$/m);
    const widest = Math.max(
      ...pty
        .screen()
        .split("\n")
        .map((line) => line.length),
    );
    expect(widest).toBeLessThanOrEqual(60);
    expect(pty.screen()).toContain("paso 1 de");
    pty.type(KEYS.ctrlC);
    expect(await pty.waitForExit()).toEqual({ exitCode: 130, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
  });

  test("restores the terminal on SIGTERM", async () => {
    const pty = await start();
    await pty.waitFor("enter runs it");
    process.kill(await pty.programPid(), "SIGTERM");
    expect((await pty.waitForExit()).isCooked).toBe(true);
    expect(pty.isCursorShown).toBe(true);
  });

  test("plays to the end by enter alone", async () => {
    const pty = await start({ columns: 60 });
    const isOver = () => pty.all().includes("End of the lesson");
    for (let presses = 0; presses < 80 && !isOver(); presses++) {
      const before = pty.raw().length;
      await pty.waitFor(
        /(enter (runs it|goes on|answers|finishes)|n goes on without an answer|End of the lesson)/,
      );
      pty.type(/without an answer/.test(pty.screen()) ? "n" : KEYS.enter);
      const deadline = performance.now() + 10_000;
      while (pty.raw().length === before && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await pty.waitFor("End of the lesson");
    expect((await pty.waitForExit()).exitCode).toBe(0);
  });
});
