import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lastJson, learnerFolder, type Ran, runTaller, TOY_COURSE } from "./run-taller.ts";

const folder = learnerFolder();
const toy = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  runTaller([...args, "--course", TOY_COURSE], { cwd: folder.dir, env });
const mine = join(folder.dir, "taller-workspace", "01-toy", "1-big", "big.sql");

beforeAll(async () => {
  const first = await toy(["check", "big"]);
  expect(first.exitCode).toBe(1);
});
afterAll(() => folder.remove());

describe("the binary without a terminal", () => {
  test("help names every command and opens no database", async () => {
    const help = await runTaller(["--help"], { cwd: folder.dir });
    expect(help.exitCode).toBe(0);
    for (const name of [
      "lesson",
      "check",
      "watch",
      "list",
      "next",
      "hint",
      "solution",
      "diff",
      "reset",
      "progress",
      "data",
      "sql",
      "run",
      "services",
      "runs",
      "doctor",
      "bench",
      "dev",
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name}\\b`, "m"));
    }
  });

  test("help is Spanish unless the locale says otherwise", async () => {
    const spanish = await runTaller(["--help"], { cwd: folder.dir, env: { TALLER_LANG: "", LANG: "C" } });
    expect(spanish.stdout).toContain("Órdenes:");
    const english = await runTaller(["--help"], {
      cwd: folder.dir,
      env: { TALLER_LANG: "", LANG: "en_US.UTF-8" },
    });
    expect(english.stdout).toContain("Commands:");
  });

  test("a bench that is asked for help says how it is called, and measures nothing", async () => {
    const help = await runTaller(["bench", "ml", "--help"], { cwd: folder.dir });
    expect(help).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^taller bench ml .*\n.*README/),
    });
  });

  test("a first check makes the workspace, copies the exercise out and fails the starter", () => {
    expect(existsSync(mine)).toBe(true);
    expect(readFileSync(mine, "utf8")).toContain("SELECT");
    expect(existsSync(join(folder.dir, "taller-workspace", "tsconfig.json"))).toBe(true);
  });

  test("a wrong answer is a verdict with its mistake, a right one passes", async () => {
    writeFileSync(mine, "SELECT id, x FROM numbers WHERE x > 100");
    const wrong = await toy(["check", "01/big", "--json"]);
    expect(wrong.exitCode).toBe(1);
    expect(lastJson(wrong)).toMatchObject({ exercise: "toy/big", passed: false, state: "failed" });
    expect(JSON.stringify(lastJson(wrong).checks)).toContain('"mistake":"off-by-one"');
    writeFileSync(mine, "SELECT id, x FROM numbers WHERE x >= 100");
    const right = await toy(["check", "toy/big"]);
    expect(right.exitCode).toBe(0);
    expect(right.stdout).toContain("passed");
  });

  test("a check never writes to the learner's file", async () => {
    const before = readFileSync(mine, "utf8");
    await toy(["check", "big"]);
    expect(readFileSync(mine, "utf8")).toBe(before);
  });

  test("list shows the state, and a pass before a reveal stays a pass", async () => {
    await toy(["solution", "big"]);
    const listed = lastJson(await toy(["list", "--json"]));
    expect(JSON.stringify(listed)).toContain('"id":"toy/big","kind":"sql","version":1');
    expect(JSON.stringify(listed)).toContain('"state":"passed"');
    expect(JSON.stringify(listed)).not.toContain("passed-with-solution");
  });

  test("a solution is not shown before a pass unless it is confirmed", async () => {
    const asked = await toy(["solution", "mean"]);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("--yes");
    const shown = await toy(["solution", "mean", "--yes"]);
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toContain("export");
  });

  test("three hints come one by one and are remembered", async () => {
    const hints = [];
    for (let i = 0; i < 4; i++) hints.push(lastJson(await toy(["hint", "big", "--json"])));
    expect(hints.map((hint) => hint.level)).toEqual([1, 2, 3, 3]);
  });

  test("reset keeps a backup and undo brings it back", async () => {
    const edited = readFileSync(mine, "utf8");
    expect((await toy(["reset", "big"])).exitCode).toBe(0);
    expect(readFileSync(mine, "utf8")).not.toBe(edited);
    expect((await toy(["reset", "big", "--undo"])).exitCode).toBe(0);
    expect(readFileSync(mine, "utf8")).toBe(edited);
  });

  test("a typo suggests the nearest and exits with 2", async () => {
    const exercise = await toy(["check", "bgi"]);
    expect(exercise.exitCode).toBe(2);
    expect(exercise.stderr).toContain("big");
    const command = await toy(["chek"]);
    expect(command.exitCode).toBe(2);
    expect(command.stderr).toContain("check");
    const flag = await toy(["list", "--jsn"]);
    expect(flag.exitCode).toBe(2);
    expect(flag.stderr).toContain("--json");
  });

  test("an error with --json is an object on stdout", async () => {
    const ran = await toy(["check", "nothing-like-it", "--json"]);
    expect(ran.exitCode).toBe(2);
    expect(lastJson(ran)).toMatchObject({ error: { code: "unknown-exercise" } });
  });

  test("progress is exported and merged as a union", async () => {
    const log = join(folder.dir, "log.jsonl");
    expect((await toy(["progress", "export", log])).exitCode).toBe(0);
    const again = lastJson(await toy(["progress", "merge", log, "--json"]));
    expect(again).toMatchObject({ added: 0, ignored: 0 });
    const other = join(folder.dir, "other");
    const merged = lastJson(await toy(["progress", "import", log, "--json", "--workspace", other]));
    expect(merged.added).toBeGreaterThan(3);
    const listed = await toy(["list", "--json", "--workspace", other]);
    expect(JSON.stringify(lastJson(listed))).toContain('"state":"passed"');
  });

  test("files are graded where they lie, without a workspace", async () => {
    const path = join(folder.dir, "theirs.sql");
    writeFileSync(path, "SELECT id, x FROM numbers WHERE x >= 100");
    const elsewhere = join(folder.dir, "elsewhere");
    mkdirSync(elsewhere);
    const ran = await runTaller(["check", "big", "--file", path, "--json", "--course", TOY_COURSE], {
      cwd: elsewhere,
    });
    expect(ran.exitCode).toBe(0);
    expect(lastJson(ran)).toMatchObject({ passed: true });
    expect(existsSync(join(elsewhere, "taller-workspace"))).toBe(false);
  });

  test("a class is graded as a line per student and exercise", async () => {
    const dir = join(folder.dir, "class");
    mkdirSync(join(dir, "ana", "01-toy", "1-big"), { recursive: true });
    mkdirSync(join(dir, "=luis"), { recursive: true });
    writeFileSync(join(dir, "ana", "01-toy", "1-big", "big.sql"), "SELECT id, x FROM numbers WHERE x >= 100");
    writeFileSync(join(dir, "=luis", "big.sql"), "SELECT id, x FROM numbers WHERE x > 100");
    const ran = await toy(["check", "big", "--all", "--submissions", dir, "--csv"]);
    expect(ran.exitCode).toBe(0);
    const lines = ran.stdout.trim().split("\n");
    expect(lines[0]).toBe("student,exercise,version,state,first_failed_check,mistake,seconds");
    expect(lines.slice(1).map((line) => line.replace(/,[\d.]+$/, ""))).toEqual([
      "'=luis,toy/big,1,failed,rows,off-by-one",
      "ana,toy/big,1,passed,,",
    ]);
  });

  test("a pipeline runs with its own flags, and lists them", async () => {
    const help = await toy(["run", "count", "--help"]);
    expect(help.stdout).toContain("--rows");
    // However wide a flag is, its words stand apart from it.
    expect(help.stdout).not.toMatch(/>\S/);
    const ran = await toy(["run", "count", "--rows", "12", "--json"]);
    expect(lastJson(ran)).toMatchObject({ pipeline: "count", ok: true, rows: { read: 12 } });
    const typo = await toy(["run", "count", "--row", "12"]);
    expect(typo.exitCode).toBe(2);
    expect(typo.stderr).toContain("--rows");
  });

  test("one query of the module's tables answers in JSON", async () => {
    const ran = await toy(["sql", "01", "-c", "SELECT count(*) AS n FROM numbers", "--json"]);
    expect(lastJson(ran)).toMatchObject({ rows: [[5]], rowCount: 1 });
    const broken = await toy(["sql", "01", "-c", "SELEC 1"]);
    expect(broken.exitCode).toBe(1);
  });

  test("a lesson without a terminal is printed whole and writes nothing", async () => {
    const empty = learnerFolder();
    const ran = await runTaller(["lesson", "01", "--course", TOY_COURSE], { cwd: empty.dir });
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain("What does");
    expect(existsSync(join(empty.dir, "taller-workspace"))).toBe(false);
    empty.remove();
  });

  test("doctor finds everything in order", async () => {
    const ran = await toy(["doctor", "--json"]);
    expect(ran.exitCode).toBe(0);
    expect(lastJson(ran)).toMatchObject({ ok: true });
  });

  test("a pipe that closes early is no error", async () => {
    const ran = await toy(["list"]);
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain("01/big");
  });
});
