import { CancelledError, UserError } from "../../core/errors.ts";
import { watchTexts } from "../texts/watch.ts";
import { renderError } from "../ui/errors.ts";
import { renderVerdict } from "../ui/verdict.ts";
import { eventQueue } from "./event-queue.ts";
import { type Graded, openGrader } from "./grader.ts";
import type { WatchOptions } from "./watch.ts";
import { watchFiles } from "./watch-files.ts";

type PipedEvent =
  | { readonly kind: "graded"; readonly graded: Graded }
  | { readonly kind: "end" }
  | { readonly kind: "stop" };

/**
 * Without a keyboard: a verdict is printed for what is there and for each save, until stdin ends. Gives 0 when
 * the last verdict was a pass, else 1.
 */
export async function watchWithoutKeys(options: WatchOptions): Promise<number> {
  const { screen, exercises, signal } = options;
  const view = await exercises.open(options.start);
  const events = eventQueue<PipedEvent>();
  const grader = openGrader(exercises, (graded) => events.push({ kind: "graded", graded }));
  const files = watchFiles({
    paths: view.files,
    pollMs: options.pollMs,
    onChange: () => grader.request(view.id),
  });
  const onEnd = () => events.push({ kind: "end" });
  const onAbort = () => events.push({ kind: "stop" });
  const { stdin } = screen.streams;
  stdin.on("end", onEnd);
  signal.addEventListener("abort", onAbort, { once: true });
  stdin.resume();
  screen.note(` ${watchTexts.untilStdinEnds[screen.lang]}`);
  grader.request(view.id);
  let exitCode = 1;
  let hasEnded = false;
  let isGraded = false;
  try {
    for (;;) {
      // What is there is graded at least once, even if stdin was empty from the start.
      if (hasEnded && isGraded && !grader.isBusy) return exitCode;
      const event = await events.next();
      if (event.kind === "stop") throw new CancelledError();
      if (event.kind === "end") hasEnded = true;
      else {
        isGraded = true;
        exitCode = say(event.graded);
      }
    }
  } finally {
    files.close();
    stdin.off("end", onEnd);
    stdin.pause();
    signal.removeEventListener("abort", onAbort);
    await grader.stop();
  }

  function say(graded: Graded): number {
    const look = screen.look();
    if (graded.kind === "verdict") {
      const { verdict } = graded;
      screen.print(
        renderVerdict({ verdict, task: view.task, name: view.name, files: view.shownFiles }, look),
      );
      screen.print();
      return verdict.passed ? 0 : 1;
    }
    if (!(graded.error instanceof UserError)) throw graded.error;
    screen.print(renderError(graded.error, look));
    return 3;
  }
}
