import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildDemo } from "./build-demo.ts";
import { hasPty, KEYS, openTerminal, type TestTerminal } from "./terminal.ts";

let script = "";
let terminal: TestTerminal | undefined;

function start(columns = 80): TestTerminal {
  terminal = openTerminal({ command: process.execPath, args: [script], cwd: process.cwd(), columns });
  return terminal;
}

beforeAll(async () => {
  script = await buildDemo("stage");
});

afterEach(() => terminal?.close());

describe.runIf(hasPty)("the stage", () => {
  test("draws the live piece again below what is added", async () => {
    const pty = start();
    await pty.waitFor("count 0");
    pty.type(KEYS.enter + KEYS.enter);
    await pty.waitFor("count 2");
    expect(pty.screen()).toBe("columns 80\nline 1\nline 2\ncount 2\n q leaves");
  });

  test("draws everything again for the new width after a resize", async () => {
    const pty = start();
    await pty.waitFor("count 0");
    pty.resize(60, 20);
    await pty.waitFor("columns 60");
    expect(pty.screen()).toBe("columns 60\ncount 0\n q leaves");
  });

  test("shows what work tells, and Ctrl-C stops the work alone", async () => {
    const pty = start();
    await pty.waitFor("count 0");
    pty.type("w");
    await pty.waitFor("counting · 5,000 of 20,000 rows · 25%");
    pty.type(KEYS.ctrlC);
    await pty.waitFor("work was stopped");
    await pty.waitFor("count 0");
    expect(pty.screen()).not.toContain("counting");
    pty.type("q");
    expect((await pty.waitForExit()).exitCode).toBe(0);
  });

  test("leaves the terminal cooked with the cursor shown", async () => {
    const pty = start();
    await pty.waitFor("count 0");
    expect(pty.isCursorShown).toBe(false);
    pty.type("q");
    expect(await pty.waitForExit()).toEqual({ exitCode: 0, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
    expect(pty.isAlternateScreen).toBe(false);
  });

  test("restores the terminal on Ctrl-C", async () => {
    const pty = start();
    await pty.waitFor("count 0");
    pty.type(KEYS.ctrlC);
    expect(await pty.waitForExit()).toEqual({ exitCode: 130, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
  });

  test("restores the terminal on an error that nobody catches", async () => {
    const pty = start();
    await pty.waitFor("count 0");
    pty.type("f");
    const { exitCode, isCooked } = await pty.waitForExit();
    expect(exitCode).not.toBe(0);
    expect(isCooked).toBe(true);
    expect(pty.isCursorShown).toBe(true);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("restores the terminal on %s", async (signal, code) => {
    const pty = start();
    await pty.waitFor("count 0");
    process.kill(await pty.programPid(), signal);
    expect(await pty.waitForExit()).toEqual({ exitCode: code, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
  });
});
