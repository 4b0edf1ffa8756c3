import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openTaller, toyCourse } from "./taller.ts";
import { hasPty, KEYS } from "./terminal.ts";

test.runIf(hasPty)(
  "the real watch grades each save with the real engine, at 60 columns, until Ctrl-C",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "taller-real-watch-"));
    const pty = openTaller(
      ["watch", "01/big", "--course", toyCourse, "--workspace", join(folder, "ws"), "--lang", "en"],
      { cwd: folder, columns: 60, rows: 40 },
    );
    onTestFinished(async () => {
      pty.close();
      await rm(folder, { recursive: true, force: true });
    });
    const save = (sql: string) => writeFile(join(folder, "ws", "01-toy", "1-big", "big.sql"), sql);

    await pty.waitFor(/FAILS +rows/);
    await save("SELECT id, x FROM numbers WHERE x > 100");
    await pty.waitFor("The row whose x equals 100 is missing.");
    await save("SELECT id, x FORM numbers");
    await pty.waitFor("The engine says:");
    await save("SELECT id, x FROM numbers WHERE x >= 100");
    await pty.waitFor("It passes. n goes to the next one.");
    expect(
      Math.max(
        ...pty
          .screen()
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(60);
    pty.type("n");
    await pty.waitFor("01/mean");
    pty.type(KEYS.ctrlC);
    expect(await pty.waitForExit()).toEqual({ exitCode: 130, isCooked: true });
    expect(pty.isCursorShown).toBe(true);
  },
);
