import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildDemo } from "./build-demo.ts";
import { hasPty, KEYS, openTerminal, type TestTerminal } from "./terminal.ts";

let script = "";
let folder = "";
let terminal: TestTerminal | undefined;

beforeAll(async () => {
  script = await buildDemo("watch");
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-watch-"));
});

afterEach(async () => {
  terminal?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: { columns?: number; flags?: string[]; env?: Record<string, string> } = {}) {
  const { columns = 80, flags = [], env } = options;
  const pty = openTerminal({
    command: process.execPath,
    args: [script, folder, ...flags],
    cwd: folder,
    columns,
    rows: 30,
    env,
  });
  terminal = pty;
  await pty.waitFor("It says: -- start");
  return pty;
}

function save(name: string, text: string): Promise<void> {
  return writeFile(join(folder, `${name}.sql`), text);
}

describe.runIf(hasPty)("the watch screen", () => {
  test("shows the verdict of each save in place of the last one", async () => {
    const pty = await start();
    await save("alpha", "wrong");
    await pty.waitFor("It says: wrong");
    expect(pty.screen()).not.toContain("-- start");
    await save("alpha", "right");
    await pty.waitFor("It passes. n goes to the next one.");
    expect(pty.screen()).not.toContain("FAILS");
  });

  test("sees an editor that saves by renaming over the file", async () => {
    const pty = await start();
    await writeFile(join(folder, "beside.tmp"), "renamed");
    await rename(join(folder, "beside.tmp"), join(folder, "alpha.sql"));
    await pty.waitFor("It says: renamed");
  });

  test("stops a grading that a save overtakes, and grades anew", async () => {
    const pty = await start();
    await save("alpha", "slow");
    await pty.waitFor("grading 01/alpha");
    await save("alpha", "quick");
    await pty.waitFor("It says: quick");
    await pty.waitUntilGone("grading 01/alpha");
  });

  test("gives three hints one by one and counts them", async () => {
    const pty = await start();
    await pty.waitFor("h hint 1 of 3");
    pty.type("h");
    await pty.waitFor("first hint");
    await pty.waitFor("h hint 2 of 3");
    pty.type("h");
    await pty.waitFor("second hint");
    pty.type("h");
    await pty.waitFor("third hint");
    pty.type("h");
    await pty.waitFor("There are no more hints");
  });

  test("goes to the next exercise that is not passed", async () => {
    const pty = await start();
    pty.type("n");
    await pty.waitFor(/01\/beta {3}beta\.sql/);
  });

  test("lists the exercises, filters them as typed and opens the one under the cursor", async () => {
    const pty = await start();
    pty.type("l");
    await pty.waitFor("0 of 3 passed");
    pty.type("/gam");
    await pty.waitFor("filter: gam_");
    expect(pty.screen()).not.toContain("01/beta");
    pty.type(KEYS.enter);
    await pty.waitFor(/01\/gamma {3}gamma\.sql/);
  });

  test("asks before it shows a solution that was not earned", async () => {
    const pty = await start();
    pty.type("s");
    await pty.waitFor("You have not passed yet");
    pty.type("n");
    await pty.waitUntilGone("You have not passed yet");
    expect(pty.screen()).not.toContain("the solution'");
    pty.type("s");
    await pty.waitFor("You have not passed yet");
    pty.type("y");
    await pty.waitFor("SELECT 'the solution'");
  });

  test("resets after a yes, and undoes it", async () => {
    const pty = await start();
    await save("alpha", "mine");
    await pty.waitFor("It says: mine");
    pty.type("x");
    await pty.waitFor("Back to the starting file?");
    pty.type("y");
    await pty.waitFor("It says: -- start");
    await pty.waitFor("It is as it was at the start");
    pty.type("u");
    await pty.waitFor("It says: mine");
    expect(await readFile(join(folder, "alpha.sql"), "utf8")).toBe("mine");
  });

  test("says in place what can't be done", async () => {
    const pty = await start();
    pty.type("u");
    await pty.waitFor("There is no backup.");
  });

  test("shows the difference of a passed exercise without asking", async () => {
    const pty = await start();
    await save("alpha", "right");
    await pty.waitFor("It passes.");
    pty.type("d");
    await pty.waitFor("+right");
  });

  test("grades all that were begun", async () => {
    await save("beta", "right");
    const pty = await start();
    pty.type("c");
    await pty.waitFor("1 of 2 pass.");
  });

  test("opens the editor with the terminal as it was, and draws anew afterwards", async () => {
    const pty = await start({
      env: { EDITOR: "sh -c 'stty -a | grep -o \"[-]*icanon\"; sleep 0.2; echo edited > $0'" },
    });
    pty.type("e");
    await pty.waitFor("It says: edited");
    expect(pty.raw()).toMatch(/[^-]icanon/);
    pty.type("h");
    await pty.waitFor("first hint");
  });

  test("fits 60 columns and follows a resize", async () => {
    const pty = await start({ columns: 60 });
    const widest = () =>
      Math.max(
        ...pty
          .screen()
          .split("\n")
          .map((line) => line.length),
      );
    expect(widest()).toBeLessThanOrEqual(60);
    pty.resize(100, 30);
    await pty.waitFor("─".repeat(100));
    pty.resize(60, 24);
    await pty.waitFor(/^─{60}$/m);
    expect(widest()).toBeLessThanOrEqual(60);
  });

  test("shows a long verdict from its top, and scrolls", async () => {
    const pty = await start();
    await save("alpha", "word ".repeat(600));
    await pty.waitFor(/0 lines above, \d+ below/);
    expect(pty.screen()).toContain("01/alpha   alpha.sql");
    expect(pty.screen()).toContain("q quit");
    pty.type(KEYS.down);
    await pty.waitFor("1 line above");
    expect(pty.screen()).not.toContain("01/alpha   alpha.sql");
    pty.type("h");
    await pty.waitFor("first hint");
  });

  test("leaves with q and the terminal restored", async () => {
    const pty = await start();
    pty.type("q");
    expect(await pty.waitForExit()).toEqual({ exitCode: 0, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
  });

  test("leaves with Ctrl-C in the middle of a grading, and the terminal restored", async () => {
    const pty = await start();
    await save("alpha", "slow");
    await pty.waitFor("grading 01/alpha");
    pty.type(KEYS.ctrlC);
    expect(await pty.waitForExit()).toEqual({ exitCode: 130, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
  });

  test("only appends in plain mode", async () => {
    const pty = await start({ flags: ["--plain"] });
    await save("alpha", "wrong");
    await pty.waitFor("It says: wrong", { in: "all" });
    pty.type("h");
    await pty.waitFor("first hint", { in: "all" });
    pty.type("q");
    await pty.waitForExit();
    // Whatever moves the cursor or erases is an escape sequence.
    expect(pty.raw().split("<exit")[0]).not.toContain("\x1b");
    expect(pty.all()).toContain("It says: -- start");
  });
});
