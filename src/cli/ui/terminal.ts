import { Chalk, type ChalkInstance } from "chalk";
import type { Lang } from "../../core/text.ts";

/** Where a command reads and writes; the real ones are `process.stdin`, `stdout` and `stderr`. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** What a renderer needs to know; every renderer is a function of data and this. */
export interface Look {
  readonly lang: Lang;
  /** Cells a line may take. */
  readonly columns: number;
  /** False: ASCII frames and charts. */
  readonly isUnicode: boolean;
  /** No colour, no frames, no pictures, nothing redrawn: for screen readers and logs. */
  readonly isPlain: boolean;
  readonly colors: ChalkInstance;
}

/** The terminal as commands see it: the only thing that writes to stdout and stderr. */
export interface Screen {
  readonly streams: Streams;
  readonly lang: Lang;
  readonly isPlain: boolean;
  /** Something may be drawn over what stands there: stdout is a terminal that can, and not plain. */
  readonly canRedraw: boolean;
  /** The same of stderr, where progress goes. */
  readonly canSpin: boolean;
  /** Keys may be read: stdin is a terminal, and no CI is watching. */
  readonly canReadKeys: boolean;
  /** Questions may be asked: both ends are a terminal, not plain, not CI. */
  readonly isInteractive: boolean;
  /** The look of stdout (of stderr for notes), measured now: it follows a resize. */
  look(target?: "stdout" | "stderr"): Look;
  /** Lines that fit the terminal now. */
  rows(): number;
  /** To stdout, as it is. */
  write(text: string): void;
  /** To stdout, with a line end. */
  print(text?: string): void;
  /** Progress and notes: to stderr, with a line end. */
  note(text: string): void;
}

export interface ScreenOptions {
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform | undefined;
  readonly lang: Lang;
  /** `--plain`. */
  readonly plain?: boolean | undefined;
}

const defaultColumns = 80;
const defaultRows = 24;

/** Looks at streams and environment once; size is measured at each call, because terminals are resized. */
export function openScreen(options: ScreenOptions): Screen {
  const { streams, env, lang } = options;
  const isDumb = env.TERM === "dumb";
  const isPlain = options.plain === true || (isDumb && streams.stdout.isTTY === true);
  const isCi = isSet(env.CI) && env.CI !== "false" && env.CI !== "0";
  const isUnicode = !isDumb && speaksUtf8(env, options.platform ?? process.platform);
  const colors = {
    stdout: new Chalk({ level: isPlain ? 0 : colorLevel(env, streams.stdout.isTTY === true) }),
    stderr: new Chalk({ level: isPlain ? 0 : colorLevel(env, streams.stderr.isTTY === true) }),
  };
  const spell = isUnicode ? (text: string) => text : withoutTypography;
  const canReadKeys = streams.stdin.isTTY === true && !isCi;
  const canRedraw = streams.stdout.isTTY === true && !isPlain;
  return {
    streams,
    lang,
    isPlain,
    canRedraw,
    canSpin: streams.stderr.isTTY === true && !isPlain && !isDumb,
    canReadKeys,
    isInteractive: canReadKeys && canRedraw,
    look: (target = "stdout") => ({
      lang,
      columns: sizeOf(streams[target].columns, env.COLUMNS, defaultColumns),
      isUnicode,
      isPlain,
      colors: colors[target],
    }),
    rows: () => sizeOf(streams.stdout.rows, env.LINES, defaultRows),
    write: (text) => void streams.stdout.write(spell(text)),
    print: (text = "") => void streams.stdout.write(spell(`${text}\n`)),
    note: (text) => void streams.stderr.write(spell(`${text}\n`)),
  };
}

/**
 * 0 none, 1 the sixteen, 2 two hundred and fifty-six, 3 all. NO_COLOR (no-color.org) wins over FORCE_COLOR;
 * chalk itself does not know NO_COLOR.
 */
export function colorLevel(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): 0 | 1 | 2 | 3 {
  if (isSet(env.NO_COLOR)) return 0;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) {
    if (forced === "0" || forced === "false") return 0;
    if (forced === "2") return 2;
    return forced === "3" ? 3 : 1;
  }
  if (!isTerminal || env.TERM === "dumb") return 0;
  if (env.COLORTERM === "truecolor" || env.COLORTERM === "24bit") return 3;
  return env.TERM?.includes("256") === true ? 2 : 1;
}

/**
 * The locale decides where it says something: `C`, `POSIX` and other charsets mean ASCII. With no locale
 * at all (a container, Windows, macOS without a shell) today's terminals speak UTF-8, save the old console.
 */
export function speaksUtf8(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): boolean {
  if (env.TERM === "linux") return false;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  if (locale !== undefined) return /utf-?8/i.test(locale);
  if (platform !== "win32") return true;
  return isSet(env.WT_SESSION) || isSet(env.TERM_PROGRAM) || isSet(env.ConEmuTask) || isSet(env.TERM);
}

/** Signs that a terminal without UTF-8 would garble, in ASCII. Letters stay: they are the learner's language. */
function withoutTypography(text: string): string {
  return text.replace(/[\u00a0·…«»–—“”‘’×→≥≤≠•✓✗]/g, (sign) => asciiSigns[sign] ?? sign);
}

const asciiSigns: Readonly<Record<string, string>> = {
  "\u00a0": " ",
  "·": "-",
  "…": "...",
  "«": '"',
  "»": '"',
  "–": "-",
  "—": "-",
  "“": '"',
  "”": '"',
  "‘": "'",
  "’": "'",
  "×": "x",
  "→": "->",
  "≥": ">=",
  "≤": "<=",
  "≠": "<>",
  "•": "-",
  "✓": "+",
  "✗": "x",
};

/** `stdout.columns` can be 0 (a pty without a size) or undefined (a pipe). */
function sizeOf(measured: number | undefined, fromEnv: string | undefined, fallback: number): number {
  if (measured !== undefined && measured > 0) return measured;
  const named = Number(fromEnv);
  return Number.isInteger(named) && named > 0 ? named : fallback;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
