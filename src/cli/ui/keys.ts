import { emitKeypressEvents } from "node:readline";
import { CancelledError } from "../../core/errors.ts";
import { restoreOnExit } from "./restore-on-exit.ts";
import type { Screen } from "./terminal.ts";

export interface Key {
  /** `return`, `up`, `escape`, `a`, …; a printable character without a name of its own is its own name. */
  readonly name: string;
  /** What was typed, for text entry; "" for a key that types nothing. */
  readonly text: string;
  readonly isCtrl: boolean;
}

/** Reads single keys from the terminal (raw mode). One owner at a time; `lend` hands stdin to someone else. */
export interface KeyReader {
  /** The next key; throws CancelledError on Ctrl-C, on the end of stdin and when the signal is aborted. */
  next(signal?: AbortSignal): Promise<Key>;
  /** Forgets what was typed ahead: before a question that a stray key must not answer. */
  discard(): void;
  /** Called on Ctrl-C while nobody waits for a key (something is running). */
  onInterrupt(listener: (() => void) | undefined): void;
  /** Gives the terminal back to cooked mode while `work` (an editor, a SQL prompt) uses it. */
  lend<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Opens the reader; the terminal is restored by `close` and, whatever happens, when the process ends. */
export function openKeys(screen: Screen): KeyReader {
  const stdin = screen.streams.stdin as NodeJS.ReadStream;
  const queue: (Key | "interrupt")[] = [];
  let waiting: ((key: Key | "interrupt") => void) | undefined;
  let interrupted: (() => void) | undefined;
  let hasEnded = false;

  const deliver = (key: Key | "interrupt") => {
    if (waiting !== undefined) {
      const resolve = waiting;
      waiting = undefined;
      resolve(key);
    } else if (key === "interrupt" && interrupted !== undefined) interrupted();
    else queue.push(key);
  };
  const onKeypress = (
    text: string | undefined,
    key: { name?: string; ctrl?: boolean; sequence?: string },
  ) => {
    if (key.ctrl === true && key.name === "c") deliver("interrupt");
    else deliver(keyOf(text, key));
  };
  const onEnd = () => {
    hasEnded = true;
    deliver("interrupt");
  };

  const setRaw = (isRaw: boolean) => {
    if (stdin.isTTY && !stdin.destroyed) stdin.setRawMode(isRaw);
  };
  const take = () => {
    stdin.on("keypress", onKeypress);
    setRaw(true);
    stdin.resume();
  };
  const release = () => {
    stdin.off("keypress", onKeypress);
    setRaw(false);
    stdin.pause();
  };

  emitKeypressEvents(stdin);
  stdin.on("end", onEnd);
  const stopGuard = restoreOnExit(() => setRaw(false));
  take();

  return {
    async next(signal) {
      const queued = queue.shift();
      if (queued === "interrupt" || signal?.aborted === true || hasEnded) throw new CancelledError();
      if (queued !== undefined) return queued;
      const key = await new Promise<Key | "interrupt">((resolve) => {
        const onAbort = () => {
          waiting = undefined;
          resolve("interrupt");
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        waiting = (delivered) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(delivered);
        };
      });
      if (key === "interrupt") throw new CancelledError();
      return key;
    },
    discard: () => {
      const isInterrupted = queue.includes("interrupt");
      queue.length = 0;
      if (isInterrupted) queue.push("interrupt");
    },
    onInterrupt: (listener) => {
      interrupted = listener;
    },
    async lend(work) {
      release();
      try {
        return await work();
      } finally {
        queue.length = 0;
        take();
      }
    },
    close() {
      release();
      stdin.off("end", onEnd);
      stopGuard();
    },
  };
}

function keyOf(text: string | undefined, key: { name?: string; ctrl?: boolean; sequence?: string }): Key {
  const typed = text ?? "";
  const isPrintable = typed >= " " && typed !== "\u007f" && key.ctrl !== true;
  const name = key.name === "enter" ? "return" : (key.name ?? typed);
  return { name: name === "" ? typed : name, text: isPrintable ? typed : "", isCtrl: key.ctrl === true };
}
