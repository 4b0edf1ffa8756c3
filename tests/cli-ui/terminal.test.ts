import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { colorLevel, type OutputStream, openScreen, speaksUtf8 } from "../../src/cli/ui/terminal.ts";

interface Shape {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

function screenOf(input: {
  stdin?: Shape;
  stdout?: Shape;
  stderr?: Shape;
  env?: Record<string, string>;
  plain?: boolean;
}) {
  const stream = (shape: Shape = {}): OutputStream => Object.assign(new PassThrough(), shape);
  return openScreen({
    streams: {
      stdin: Object.assign(new PassThrough(), input.stdin),
      stdout: stream(input.stdout),
      stderr: stream(input.stderr),
    },
    env: { LANG: "es_ES.UTF-8", ...input.env },
    platform: "linux",
    lang: "es",
    plain: input.plain,
  });
}

const tty = { isTTY: true, columns: 100, rows: 30 };

describe("the terminal", () => {
  test("is 80 columns wide where the stream says 0 or nothing", () => {
    expect(screenOf({ stdout: { isTTY: true, columns: 0 } }).look().columns).toBe(80);
    expect(screenOf({}).look().columns).toBe(80);
    expect(screenOf({ env: { COLUMNS: "132" } }).look().columns).toBe(132);
  });

  test("follows the stream's size", () => {
    const stdout = { ...tty };
    const screen = screenOf({ stdout });
    expect(screen.look().columns).toBe(100);
    Object.assign(screen.streams.stdout, { columns: 60 });
    expect(screen.look().columns).toBe(60);
  });

  test("asks only when both ends are a terminal, and neither plain nor CI", () => {
    const both = { stdin: tty, stdout: tty };
    expect(screenOf(both).isInteractive).toBe(true);
    expect(screenOf({ stdin: tty }).isInteractive).toBe(false);
    expect(screenOf({ stdout: tty }).isInteractive).toBe(false);
    expect(screenOf({ ...both, plain: true }).isInteractive).toBe(false);
    expect(screenOf({ ...both, env: { CI: "true" } }).isInteractive).toBe(false);
    expect(screenOf({ ...both, env: { CI: "false" } }).isInteractive).toBe(true);
    expect(screenOf({ ...both, env: { TERM: "dumb" } }).isInteractive).toBe(false);
  });

  test("still reads keys in plain mode", () => {
    const screen = screenOf({ stdin: tty, stdout: tty, plain: true });
    expect(screen.canReadKeys).toBe(true);
    expect(screen.canRedraw).toBe(false);
  });

  test("writes typographic signs in ASCII where UTF-8 is not spoken", () => {
    const screen = screenOf({ env: { LANG: "C" } });
    screen.print("«a» · 1\u00a0234 → á…");
    expect(String((screen.streams.stdout as PassThrough).read())).toBe('"a" - 1 234 -> á...\n');
  });

  test.each([
    [{ NO_COLOR: "1" }, true, 0],
    [{ NO_COLOR: "1", FORCE_COLOR: "3" }, true, 0],
    [{ NO_COLOR: "" }, true, 1],
    [{ FORCE_COLOR: "1" }, false, 1],
    [{ FORCE_COLOR: "0" }, true, 0],
    [{ TERM: "dumb" }, true, 0],
    [{ TERM: "xterm-256color" }, true, 2],
    [{ COLORTERM: "truecolor" }, true, 3],
    [{}, false, 0],
  ] as const)("chooses the level of colour for %o", (env, isTerminal, level) => {
    expect(colorLevel(env, isTerminal)).toBe(level);
  });

  test("plain has no colour even when it is forced", () => {
    expect(screenOf({ stdout: tty, env: { FORCE_COLOR: "3" }, plain: true }).look().colors.level).toBe(0);
  });

  test.each([
    [{ LANG: "es_ES.UTF-8" }, "linux", true],
    [{ LANG: "C.utf8" }, "linux", true],
    [{ LANG: "es_ES.UTF-8", LC_ALL: "C" }, "linux", false],
    [{ LANG: "es_ES.ISO-8859-1" }, "linux", false],
    [{}, "linux", true],
    [{ LANG: "C.UTF-8", TERM: "linux" }, "linux", false],
    [{}, "win32", false],
    [{ WT_SESSION: "x" }, "win32", true],
  ] as const)("tells from %o on %s whether UTF-8 is spoken", (env, platform, expected) => {
    expect(speaksUtf8(env, platform)).toBe(expected);
  });
});
