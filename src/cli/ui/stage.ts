import { type KeyReader, openKeys } from "./keys.ts";
import { restoreOnExit } from "./restore-on-exit.ts";
import type { Look, Screen } from "./terminal.ts";
import { cutView } from "./view.ts";
import { wrapCode } from "./wrap.ts";

/** A piece of the screen as a function of its look, so that it can be drawn again after a resize. */
export type Part = (look: Look) => string;

/**
 * A screen that is written from top to bottom, with one live piece at the end that is drawn anew in place (a
 * menu, a question). On a resize everything is drawn again. In plain mode nothing is ever redrawn: a live piece
 * is printed once.
 */
export interface Stage {
  readonly keys: KeyReader;
  /** Starts an empty screen; what stood there stays in the terminal's scrollback. */
  clear(): void;
  /**
   * Everything anew, in place, within the terminal's lines: what is too long is scrolled, from the top or from
   * the end. In plain mode it is printed below what stands there.
   */
  show(parts: readonly Part[], live: Part | undefined, from?: "top" | "end"): void;
  /** Moves what `show` gave, by lines. */
  scroll(lines: number): void;
  /** Adds a piece at the end, above the live one; the terminal scrolls as it does for any program. */
  add(part: Part): void;
  /** Everything added since `clear`. */
  parts(): readonly Part[];
  /** Sets or changes the live piece; undefined takes it away. */
  live(part: Part | undefined): void;
  /** Someone else (an editor, a prompt) uses the terminal meanwhile; afterwards all is drawn again. */
  lend<T>(work: () => Promise<T>): Promise<T>;
  /** Puts the cursor below everything and restores the terminal. */
  close(): void;
}

export function openStage(screen: Screen): Stage {
  const keys = openKeys(screen);
  const { stdout } = screen.streams;
  let parts: Part[] = [];
  let livePart: Part | undefined;
  /** Lines that the live piece takes now; 0 when there is none. */
  let liveLines = 0;
  let isLent = false;
  /** First line of what `show` gave; undefined when the terminal scrolls by itself (`add`). */
  let offset: number | undefined;

  const look = () => screen.look();
  const linesOf = (part: Part) =>
    part(look())
      .split("\n")
      .flatMap((line) => wrapCode(line, look().columns));
  const eraseLive = () => {
    if (liveLines === 0) return;
    if (screen.canRedraw) screen.write(`\r${liveLines > 1 ? `\x1b[${liveLines - 1}A` : ""}\x1b[J`);
    liveLines = 0;
  };
  const drawLive = () => {
    if (livePart === undefined) return;
    const lines = linesOf(livePart);
    screen.write(lines.join("\n") + (screen.canRedraw ? "" : "\n"));
    liveLines = lines.length;
  };
  const redraw = () => {
    if (!screen.canRedraw || isLent) return;
    if (offset === undefined) {
      screen.write(`\x1b[H\x1b[J${parts.map((part) => `${part(look())}\n`).join("")}`);
      drawLive();
      return;
    }
    const live = livePart === undefined ? [] : linesOf(livePart);
    const room = Math.max(3, screen.rows() - live.length);
    const view = cutView(parts.flatMap(linesOf), { offset, room, look: look() });
    offset = view.offset;
    liveLines = live.length;
    screen.write(`\x1b[H\x1b[J${[...view.lines, ...live].join("\n")}`);
  };

  const onResize = () => redraw();
  stdout.on("resize", onResize);
  const setCursor = (isShown: boolean) => {
    if (screen.canRedraw) screen.write(isShown ? "\x1b[?25h" : "\x1b[?25l");
  };
  const stopGuard = restoreOnExit(() => setCursor(true));
  setCursor(false);

  return {
    keys,
    clear() {
      eraseLive();
      parts = [];
      livePart = undefined;
      offset = undefined;
      // Line ends push what stands there into the scrollback, which an erase would not.
      if (screen.canRedraw) screen.write(`${"\n".repeat(screen.rows())}\x1b[H\x1b[J`);
      else screen.print();
    },
    show(newParts, live, from = "top") {
      parts = [...newParts];
      livePart = live;
      if (screen.canRedraw) {
        offset = from === "top" ? 0 : Number.POSITIVE_INFINITY;
        redraw();
        return;
      }
      for (const part of parts) screen.print(part(look()));
      drawLive();
    },
    scroll(lines) {
      if (offset === undefined) return;
      offset = Math.max(0, offset + lines);
      redraw();
    },
    add(part) {
      eraseLive();
      parts.push(part);
      screen.print(part(look()));
      if (screen.canRedraw) drawLive();
    },
    parts: () => parts,
    live(part) {
      livePart = part;
      if (offset !== undefined && screen.canRedraw) {
        redraw();
        return;
      }
      eraseLive();
      drawLive();
    },
    async lend(work) {
      isLent = true;
      eraseLive();
      setCursor(true);
      try {
        return await keys.lend(work);
      } finally {
        isLent = false;
        setCursor(false);
        redraw();
      }
    },
    close() {
      stdout.off("resize", onResize);
      eraseLive();
      setCursor(true);
      stopGuard();
      keys.close();
    },
  };
}
