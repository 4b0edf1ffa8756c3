import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

/** A real pty with a real terminal emulator behind it: what a learner would see, and type. */
export interface TestTerminal {
  /** What is visible now: lines without trailing spaces, no-break spaces as spaces. */
  screen(): string;
  /** The same with the scrollback above it. */
  all(): string;
  /** Everything that was written, escapes included. */
  raw(): string;
  /** Types characters as they are; see {@link KEYS} for the others. */
  type(text: string): void;
  /** Resolves when the screen shows it; fails at the deadline with the screen in the message. */
  waitFor(
    wanted: string | RegExp,
    options?: { readonly timeoutMs?: number; readonly in?: "screen" | "all" },
  ): Promise<void>;
  /** Resolves when the screen no longer shows it. */
  waitUntilGone(unwanted: string | RegExp, options?: { readonly timeoutMs?: number }): Promise<void>;
  resize(columns: number, rows: number): void;
  readonly isCursorShown: boolean;
  readonly isAlternateScreen: boolean;
  /** The program's process (not the shell's that holds it). */
  programPid(): Promise<number>;
  /** The program's exit code (128 + n for a signal), and whether the terminal was left in cooked mode with echo. */
  waitForExit(options?: {
    readonly timeoutMs?: number;
  }): Promise<{ readonly exitCode: number; readonly isCooked: boolean }>;
  /** Kills whatever still runs. */
  close(): void;
}

export const KEYS = {
  enter: "\r",
  space: " ",
  escape: "\x1b",
  backspace: "\x7f",
  tab: "\t",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  ctrlC: "\x03",
  ctrlD: "\x04",
} as const;

export interface TerminalOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Beside PATH, HOME, TERM and LANG; nothing else of ours reaches the program. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const defaultTimeoutMs = 20_000;

/** The shell that holds the program is POSIX: on Windows these tests are left out. */
export const hasPty = process.platform !== "win32";

/** Starts a program in a pty. A shell holds it, which afterwards asks the terminal for its modes. */
export function openTerminal(options: TerminalOptions): TestTerminal {
  const { columns = 80, rows = 24 } = options;
  const emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 5_000, allowProposedApi: true });
  const pty: IPty = spawn("/bin/sh", ["-c", holder, "sh", options.command, ...options.args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: options.cwd,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? options.cwd,
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      ...options.env,
    },
  });
  let raw = "";
  let hasExited = false;
  pty.onData((data) => {
    raw += data;
    emulator.write(data);
  });
  pty.onExit(() => {
    hasExited = true;
  });
  const linesOf = (from: number, to: number) => {
    const buffer = emulator.buffer.active;
    const lines: string[] = [];
    for (let y = from; y < to; y++) lines.push(buffer.getLine(y)?.translateToString(true) ?? "");
    return lines.map((line) => line.replaceAll("\u00a0", " ").trimEnd()).join("\n");
  };
  const screen = () => {
    const top = emulator.buffer.active.baseY;
    return linesOf(top, top + emulator.rows).trimEnd();
  };
  const all = () => linesOf(0, emulator.buffer.active.length).trimEnd();
  const has = (text: string, wanted: string | RegExp) =>
    typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
  const until = async (isDone: () => boolean, timeoutMs: number, what: string) => {
    const deadline = performance.now() + timeoutMs;
    while (!isDone()) {
      if (performance.now() > deadline) throw new Error(`${what}; the screen shows:\n${screen()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    screen,
    all,
    raw: () => raw,
    type: (text) => pty.write(text),
    waitFor: (wanted, { timeoutMs = defaultTimeoutMs, in: where = "screen" } = {}) =>
      until(() => has(where === "screen" ? screen() : all(), wanted), timeoutMs, `never saw ${wanted}`),
    waitUntilGone: (unwanted, { timeoutMs = defaultTimeoutMs } = {}) =>
      until(() => !has(screen(), unwanted), timeoutMs, `still sees ${unwanted}`),
    resize: (newColumns, newRows) => {
      emulator.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    get isCursorShown() {
      return raw.lastIndexOf("\x1b[?25l") <= raw.lastIndexOf("\x1b[?25h");
    },
    get isAlternateScreen() {
      return emulator.buffer.active.type === "alternate";
    },
    async programPid() {
      const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
      const children = stdout
        .split("\n")
        .map((line) => line.trim().split(/\s+/).map(Number))
        .filter(([, parent]) => parent === pty.pid);
      const pid = children[0]?.[0] ?? Number.NaN;
      if (!Number.isInteger(pid) || pid <= 0) throw new Error("the program does not run");
      return pid;
    },
    async waitForExit({ timeoutMs = defaultTimeoutMs } = {}) {
      await until(() => hasExited && ended.test(raw), timeoutMs, "the program never ended");
      const found = ended.exec(raw);
      const modes = raw.slice(found?.index ?? 0);
      return {
        exitCode: Number(found?.[1]),
        isCooked: /(^|[\s;])icanon\b/.test(modes) && /(^|[\s;])echo\b/.test(modes),
      };
    },
    close() {
      if (!hasExited) pty.kill("SIGKILL");
      emulator.dispose();
    },
  };
}

/** The shell ignores Ctrl-C itself, runs the program in the foreground, then tells code and modes. */
const holder = `trap '' HUP; trap : INT; "$@"; code=$?; printf '\\n<exit %s>\\n' "$code"; stty -a; printf '<modes>\\n'`;

/** The end of the shell may be heard of before its last output. */
const ended = /<exit (\d+)>[\s\S]*<modes>/;
