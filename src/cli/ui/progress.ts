import type { Ora } from "ora";
import { type Clock, systemClock } from "../../core/effects.ts";
import type { Emit, WorkEvent } from "../../core/events.ts";
import { formatNumber } from "../../core/numbers.ts";
import { labelTexts, progressTexts } from "../texts/progress.ts";
import { renderChart } from "./chart.ts";
import { formatBytes, formatSeconds } from "./numbers.ts";
import { cutTo, oneLine } from "./safe-text.ts";
import { renderTable } from "./table.ts";
import type { Screen } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/** Shows what work tells: tables and charts on stdout, everything else on stderr. */
export interface ProgressRenderer {
  readonly emit: Emit;
  /** A task that tells nothing of itself: its name stands there until the next event, `clear` or `close`. */
  start(title: string): void;
  /** Takes the spinner away. */
  clear(): void;
  close(): void;
}

export interface ProgressOptions {
  /** Tables and charts too: in `--json` stdout carries only the result. */
  readonly toStderr?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

/** Without a terminal, or plain: a line of progress now and then, and none for what is over sooner. */
const quietMs = 5_000;

/** A spinner with rows and rate where stderr is a terminal that can redraw; else a line now and then. */
export function progressRenderer(screen: Screen, options: ProgressOptions = {}): ProgressRenderer {
  const { lang } = screen;
  const clock = options.clock ?? systemClock;
  const status = screen.canSpin ? spinnerStatus(screen) : lineStatus(screen, clock);
  const titles = new Map<string, string>();
  let rate: Rate | undefined;
  const draw = (text: string) => {
    if (options.toStderr === true) screen.note(text);
    else screen.print(text);
  };
  const say = (text: string) => {
    for (const line of wrap(text, screen.look("stderr").columns - 2)) screen.note(` ${line}`);
  };
  let isClosed = false;
  const emit = (event: WorkEvent): void => {
    // Work that was stopped may still tell something: a spinner that starts now would never end.
    if (isClosed) return;
    switch (event.kind) {
      case "step-started": {
        const title = oneLine(event.title?.[lang] ?? event.step);
        titles.set(event.step, title);
        status.show(title);
        return;
      }
      case "step-finished": {
        status.clear();
        const title = titles.get(event.step) ?? oneLine(event.step);
        screen.note(` ${progressTexts.done[lang]}  ${title}  ${formatSeconds(event.seconds, lang)}`);
        return;
      }
      case "progress": {
        const task = event.task[lang];
        if (rate?.task !== task) rate = { task, fromDone: event.done, fromMs: clock.elapsed() };
        status.show(progressLine(event, rate, { lang, nowMs: clock.elapsed() }));
        return;
      }
      case "status":
        status.show(event.lines.map((line) => oneLine(line[lang])).join("\n"));
        return;
      case "note":
        say(event.text[lang]);
        return;
      case "warning":
        say(`${screen.look("stderr").colors.yellow(progressTexts.warning[lang])} ${event.text[lang]}`);
        return;
      case "table": {
        const look = screen.look();
        const label = look.colors.dim(labelTexts[event.label][lang]);
        const title = wrap(
          `${look.colors.bold(oneLine(event.title[lang]))}  ${label}`,
          look.columns - 2,
        ).join("\n ");
        draw(`\n ${title}\n${renderTable(event.table, look, { indent: 1 })}`);
        return;
      }
      case "chart": {
        const look = screen.look();
        draw(
          `\n${renderChart(event.chart, look, { indent: 1 })}\n ${look.colors.dim(labelTexts[event.label][lang])}`,
        );
        return;
      }
    }
  };
  return {
    emit,
    start: (title) => status.show(title),
    clear: () => status.clear(),
    close: () => {
      isClosed = true;
      status.clear();
    },
  };
}

interface Status {
  show(text: string): void;
  clear(): void;
}

/**
 * ora is loaded with the first thing to show: most commands show nothing. It steps aside by itself for what is
 * written to stdout and stderr meanwhile.
 */
function spinnerStatus(screen: Screen): Status {
  let spinner: Ora | undefined;
  let wanted: string | undefined;
  const fitted = (text: string) =>
    text
      .split("\n")
      .map((line) => cutTo(line, screen.look("stderr").columns - 4, screen.look("stderr").isUnicode))
      // Below the first one's text, which has the spinner before it.
      .join("\n   ");
  const spin = async () => {
    const { default: ora } = await import("ora");
    if (wanted === undefined || spinner !== undefined) return;
    spinner = ora({
      text: fitted(wanted),
      stream: screen.streams.stderr,
      // Our own reader of keys holds stdin; and ora's chalk does not know NO_COLOR.
      discardStdin: false,
      color: false,
      indent: 1,
      spinner: screen.look("stderr").isUnicode ? "dots" : "line",
    }).start();
  };
  return {
    show(text) {
      const isFirst = wanted === undefined;
      wanted = text;
      if (spinner !== undefined) spinner.text = fitted(text);
      else if (isFirst) void spin();
    },
    clear() {
      wanted = undefined;
      spinner?.stop();
      spinner = undefined;
    },
  };
}

function lineStatus(screen: Screen, clock: Clock): Status {
  let lastMs = clock.elapsed();
  return {
    show(text) {
      const nowMs = clock.elapsed();
      if (nowMs - lastMs < quietMs) return;
      lastMs = nowMs;
      screen.note(` ${text.replaceAll("\n", "\n ")}`);
    },
    clear() {
      lastMs = clock.elapsed();
    },
  };
}

interface Rate {
  readonly task: string;
  readonly fromDone: number;
  readonly fromMs: number;
}

/** `Leyendo leads · 1 200 000 de 5 000 000 filas · 24 % · 812 000 filas/s`. */
export function progressLine(
  event: Extract<WorkEvent, { kind: "progress" }>,
  rate: Rate,
  now: { lang: "es" | "en"; nowMs: number },
): string {
  const { lang } = now;
  const amount = (value: number) =>
    event.unit === "bytes" ? formatBytes(value, lang) : formatNumber(value, lang, { decimals: 0 });
  const task = oneLine(event.task[lang]);
  if (event.unit === "percent") return `${task} · ${amount(event.done)}${progressTexts.percent[lang]}`;
  const unit = event.unit === "bytes" ? "" : ` ${progressTexts.units[event.unit][lang]}`;
  const of = event.total === undefined ? "" : ` ${progressTexts.of[lang]} ${amount(event.total)}`;
  const parts = [task, `${amount(event.done)}${of}${unit}`];
  if (event.total !== undefined && event.total > 0) {
    parts.push(`${amountOfPercent(event.done, event.total)}${progressTexts.percent[lang]}`);
  }
  const seconds = (now.nowMs - rate.fromMs) / 1000;
  // In the first moments a rate says nothing.
  if (seconds >= 0.5 && event.done > rate.fromDone) {
    parts.push(`${amount((event.done - rate.fromDone) / seconds)}${unit}/s`);
  }
  return parts.join(" · ");
}

function amountOfPercent(done: number, total: number): string {
  return String(Math.min(100, Math.floor((100 * done) / total)));
}
