import { CancelledError } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { labelTexts } from "../texts/progress.ts";
import { renderChart } from "../ui/chart.ts";
import { renderMenu } from "../ui/menu.ts";
import { progressLine } from "../ui/progress.ts";
import { cutTo, oneLine } from "../ui/safe-text.ts";
import type { Stage } from "../ui/stage.ts";
import { renderTable } from "../ui/table.ts";
import type { Look } from "../ui/terminal.ts";
import { wrap } from "../ui/wrap.ts";

const frameMs = 100;
/** Work that is over sooner shows no spinner. */
const quietMs = 200;

/**
 * Runs something on the stage: a spinner with what it tells stands at the end meanwhile, its tables and charts
 * are added, Ctrl-C stops it. Throws what the work throws; CancelledError when it was stopped.
 */
export async function runOnStage<T>(
  stage: Stage,
  input: {
    readonly title: string;
    readonly signal: AbortSignal;
    readonly work: (options: { signal: AbortSignal; emit: Emit }) => Promise<T>;
  },
): Promise<T> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(new CancelledError());
  input.signal.addEventListener("abort", onAbort, { once: true });
  stage.keys.onInterrupt(onAbort);
  const began = performance.now();
  const status = { line: input.title, task: "", fromDone: 0, fromMs: began };
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - began;
    if (elapsedMs < quietMs) return;
    const frame = Math.floor(elapsedMs / frameMs);
    stage.live((look) => drawStatus(status.line, frame, look));
  }, frameMs);
  try {
    return await input.work({ signal: stop.signal, emit: emitTo(stage, status) });
  } finally {
    clearInterval(timer);
    stage.live(undefined);
    stage.keys.onInterrupt(undefined);
    stage.keys.discard();
    input.signal.removeEventListener("abort", onAbort);
  }
}

function emitTo(
  stage: Stage,
  status: { line: string; task: string; fromDone: number; fromMs: number },
): Emit {
  return (event) => {
    switch (event.kind) {
      case "step-started":
        stage.live((look) => {
          status.line = oneLine(event.title?.[look.lang] ?? event.step);
          return drawStatus(status.line, 0, look);
        });
        return;
      case "progress":
        if (status.task !== event.task.en)
          Object.assign(status, { task: event.task.en, fromDone: event.done, fromMs: performance.now() });
        stage.live((look) => {
          status.line = progressLine(event, status, { lang: look.lang, nowMs: performance.now() });
          return drawStatus(status.line, 0, look);
        });
        return;
      case "status":
        stage.live((look) => {
          status.line = event.lines.map((line) => oneLine(line[look.lang])).join(" · ");
          return drawStatus(status.line, 0, look);
        });
        return;
      case "note":
      case "warning":
        stage.add((look) => `   ${look.colors.dim(oneLine(event.text[look.lang]))}`);
        return;
      case "table":
        stage.add((look) => {
          const label = look.colors.dim(labelTexts[event.label][look.lang]);
          const whole = `${look.colors.bold(oneLine(event.title[look.lang]))}  ${label}`;
          const title = wrap(whole, look.columns - 4)
            .map((line) => `   ${line}`)
            .join("\n");
          return `\n${title}\n${renderTable(event.table, look, { indent: 3 })}`;
        });
        return;
      case "chart":
        stage.add(
          (look) =>
            `\n${renderChart(event.chart, look, { indent: 3 })}\n   ${look.colors.dim(labelTexts[event.label][look.lang])}`,
        );
        return;
      case "step-finished":
        return;
    }
  };
}

const unicodeFrames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const asciiFrames = ["-", "\\", "|", "/"];

function drawStatus(line: string, frame: number, look: Look): string {
  const frames = look.isUnicode ? unicodeFrames : asciiFrames;
  const mark = frames[frame % frames.length] ?? "";
  const text = cutTo(line, look.columns - 8, look.isUnicode);
  const stop = renderMenu([{ key: "ctrl-c", label: lessonTexts.keys.stop[look.lang] }], look);
  return `   ${look.colors.cyan(mark)} ${text}\n${stop}`;
}
