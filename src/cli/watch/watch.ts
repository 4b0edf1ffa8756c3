import { UserError } from "../../core/errors.ts";
import { watchTexts } from "../texts/watch.ts";
import { openInEditor } from "../ui/editor.ts";
import { renderError } from "../ui/errors.ts";
import type { Key } from "../ui/keys.ts";
import { openStage, type Part, type Stage } from "../ui/stage.ts";
import type { Screen } from "../ui/terminal.ts";
import { checkAll } from "./check-all.ts";
import { type EventQueue, eventQueue } from "./event-queue.ts";
import type { ExerciseActions, ExerciseView } from "./exercise-actions.ts";
import { type Graded, type Grader, openGrader } from "./grader.ts";
import { showList } from "./list-screen.ts";
import { type FileWatch, watchFiles } from "./watch-files.ts";
import {
  drawDiff,
  drawHint,
  drawMenu,
  drawQuestion,
  drawSolution,
  drawTask,
  drawTop,
} from "./watch-screen.ts";
import { watchWithoutKeys } from "./watch-without-keys.ts";

export interface WatchOptions {
  readonly screen: Screen;
  readonly exercises: ExerciseActions;
  /** Every exercise, in the course's order. */
  readonly ids: readonly string[];
  /** Where it begins. */
  readonly start: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How often files are looked at beside the system's events; default 500. */
  readonly pollMs?: number | undefined;
}

/**
 * Grades on every save and shows the verdict in place. Ends with q (gives 0) or Ctrl-C (throws
 * CancelledError); the terminal is restored on any end. Without keys it prints verdicts until stdin ends.
 */
export async function watchExercises(options: WatchOptions): Promise<number> {
  if (!options.screen.canReadKeys) return watchWithoutKeys(options);
  const stage = openStage(options.screen);
  const watching = new Watching(options, stage);
  try {
    stage.clear();
    await watching.enter(options.start);
    return await watching.run();
  } finally {
    await watching.close();
    stage.close();
  }
}

type WatchEvent =
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "saved" }
  | { readonly kind: "graded"; readonly graded: Graded }
  /** The grading takes long enough to be told. */
  | { readonly kind: "slow" }
  /** All were graded, or it was stopped: what to show. */
  | { readonly kind: "all"; readonly parts: readonly Part[] }
  | { readonly kind: "stop"; readonly error: unknown };

/** A grading that is over sooner changes the screen only once. */
const slowMs = 150;

/** What stands on the screen and what each key does with it. */
class Watching {
  private readonly events: EventQueue<WatchEvent> = eventQueue();
  private readonly grader: Grader;
  private readonly options: WatchOptions;
  private readonly stage: Stage;
  private view: ExerciseView | undefined;
  private graded: Graded | undefined;
  private extras: Part[] = [];
  private question: { readonly part: Part; readonly onYes: () => Promise<void> } | undefined;
  private files: FileWatch | undefined;
  private slow: NodeJS.Timeout | undefined;
  /** Runs while every exercise is being graded. */
  private gradingAll: AbortController | undefined;

  constructor(options: WatchOptions, stage: Stage) {
    this.options = options;
    this.stage = stage;
    this.grader = openGrader(options.exercises, (graded) => this.events.push({ kind: "graded", graded }));
  }

  /** Opens an exercise, grades what is there and waits for saves. */
  async enter(id: string): Promise<void> {
    this.files?.close();
    const view = await this.options.exercises.open(id);
    this.view = view;
    this.graded = undefined;
    this.extras = [];
    this.files = watchFiles({
      paths: view.files,
      pollMs: this.options.pollMs,
      onChange: () => this.events.push({ kind: "saved" }),
    });
    this.draw();
    this.grade();
  }

  async run(): Promise<number> {
    void this.pumpKeys();
    for (;;) {
      const event = await this.events.next();
      switch (event.kind) {
        case "saved":
          this.extras = [];
          this.question = undefined;
          // A verdict for each in turn comes first; this one is graded after them.
          if (this.gradingAll === undefined) this.grade();
          break;
        case "slow":
          if (this.grader.isBusy) this.drawLive();
          break;
        case "graded":
          await this.take(event.graded);
          break;
        case "all":
          this.gradingAll = undefined;
          this.extras = [...event.parts];
          if (this.view !== undefined) this.view = await this.options.exercises.view(this.view.id);
          this.draw();
          this.grade();
          break;
        case "stop":
          throw event.error;
        case "key":
          if (this.gradingAll !== undefined) this.gradingAll.abort();
          else if (event.key.name === "q" && this.question === undefined) return 0;
          else await this.sayErrors(() => this.press(event.key));
          break;
      }
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.slow);
    this.gradingAll?.abort();
    this.files?.close();
    await this.grader.stop();
  }

  /** Keys come one by one; while an editor or the list has the terminal, they are not ours. */
  private async pumpKeys(): Promise<void> {
    try {
      for (;;) this.events.push({ kind: "key", key: await this.stage.keys.next(this.options.signal) });
    } catch (error) {
      this.events.push({ kind: "stop", error });
    }
  }

  private grade(): void {
    if (this.view === undefined) return;
    this.grader.request(this.view.id);
    clearTimeout(this.slow);
    this.slow = setTimeout(() => this.events.push({ kind: "slow" }), slowMs);
  }

  private async take(graded: Graded): Promise<void> {
    if (this.view === undefined || graded.id !== this.view.id) return;
    this.graded = graded;
    this.view = await this.options.exercises.view(graded.id);
    this.draw();
  }

  private async press(key: Key): Promise<void> {
    if (this.question !== undefined) return this.answer(key);
    const view = this.view;
    if (view === undefined) return;
    const { exercises } = this.options;
    switch (["/", "?"].includes(key.text) ? key.text : key.name) {
      case "?":
        return this.say((look) => drawMenu(view, { graded: this.graded, isBusy: false }, look));
      case "n":
        return this.goNext(view);
      case "h":
        return this.hint(view);
      case "t":
        return this.say((look) => drawTask(view, look));
      case "l":
        return this.list("");
      case "/":
        return this.list(undefined);
      case "c":
        return this.all();
      case "x":
        return this.ask(watchTexts.askReset, async () => {
          await exercises.reset(view.id);
          this.say((look) => ` ${watchTexts.wasReset[look.lang]}`);
        });
      case "u":
        await exercises.undo(view.id);
        return this.say((look) => ` ${watchTexts.undone[look.lang]}`);
      case "e":
        return this.stage.lend(() => openInEditor({ files: view.files, env: this.options.env }));
      case "d":
        return this.reveal(view, async () => {
          const patch = await exercises.diff(view.id);
          this.say((look) => drawDiff(patch, look));
        });
      case "s":
        return this.reveal(view, async () => {
          const files = await exercises.solution(view.id);
          this.say((look) => drawSolution(files, look));
        });
      case "return":
      case "r":
        this.extras = [];
        this.grade();
        return;
    }
  }

  /** The next in the course's order that is not passed; when all are, simply the next. */
  private async goNext(view: ExerciseView): Promise<void> {
    const { ids, exercises } = this.options;
    const at = ids.indexOf(view.id);
    const order = [...ids.slice(at + 1), ...ids.slice(0, Math.max(0, at))];
    for (const id of order) {
      const { state } = await exercises.view(id);
      if (state !== "passed" && state !== "passed-with-solution") return this.enter(id);
    }
    const isThisPassed = view.state === "passed" || view.state === "passed-with-solution";
    if (isThisPassed) this.say((look) => ` ${watchTexts.allPassed[look.lang]}`);
    const [next] = order;
    if (!isThisPassed && next !== undefined) await this.enter(next);
  }

  private async hint(view: ExerciseView): Promise<void> {
    const given = await this.options.exercises.hint(view.id);
    this.view = await this.options.exercises.view(view.id);
    const shown =
      given === undefined ? view.task.hints.map((markdown, index) => ({ index, markdown })) : [given];
    this.say((look) => drawHint(shown, { count: view.task.hints.length, isLast: given === undefined }, look));
  }

  private async reveal(view: ExerciseView, show: () => Promise<void>): Promise<void> {
    if (await this.options.exercises.maySeeSolution(view.id)) await show();
    else this.ask(watchTexts.askSolution, show);
  }

  private async list(filter: string | undefined): Promise<void> {
    const { ids, exercises, signal } = this.options;
    const views = await Promise.all(ids.map((id) => exercises.view(id)));
    const chosen = await this.borrowKeys((nextKey) =>
      showList({
        stage: this.stage,
        screen: this.options.screen,
        views,
        current: this.view?.id,
        filter,
        nextKey,
        signal,
      }),
    );
    if (chosen !== undefined && chosen !== this.view?.id) await this.enter(chosen);
    else this.draw();
  }

  /** Any key stops it. */
  private async all(): Promise<void> {
    await this.grader.stop();
    const stop = new AbortController();
    this.gradingAll = stop;
    const { ids, exercises } = this.options;
    checkAll({ stage: this.stage, ids, exercises, signal: stop.signal }).then(
      (parts) => this.events.push({ kind: "all", parts }),
      (error: unknown) => this.events.push({ kind: "stop", error }),
    );
  }

  /** The list takes keys from the same queue; saves that come meanwhile are graded afterwards. */
  private async borrowKeys<T>(work: (nextKey: () => Promise<Key>) => Promise<T>): Promise<T> {
    const held: WatchEvent[] = [];
    try {
      return await work(async () => {
        for (;;) {
          const event = await this.events.next();
          if (event.kind === "key") return event.key;
          if (event.kind === "stop") throw event.error;
          held.push(event);
        }
      });
    } finally {
      for (const event of held) this.events.push(event);
    }
  }

  private ask(text: { es: string; en: string }, onYes: () => Promise<void>): void {
    this.question = { part: (look) => drawQuestion(text[look.lang], look), onYes };
    this.drawLive();
  }

  private async answer(key: Key): Promise<void> {
    const { question } = this;
    this.question = undefined;
    if (question !== undefined && ["y", "s"].includes(key.name)) await question.onYes();
    else this.draw();
  }

  /** Something below the verdict; what stood there before goes. */
  private say(part: Part): void {
    this.extras = [part];
    if (this.options.screen.canRedraw) this.draw();
    else this.stage.add((look) => `\n${part(look)}`);
  }

  private async sayErrors(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.say((look) => renderError(error, look));
    }
  }

  private draw(): void {
    const { view, graded } = this;
    if (view === undefined) return;
    if (graded?.kind === "failed" && !(graded.error instanceof UserError)) throw graded.error;
    const top: Part = (look) => drawTop(view, graded, look);
    const extras = this.extras.map(
      (part): Part =>
        (look) =>
          `\n${part(look)}`,
    );
    this.stage.show([top, ...extras], this.livePart());
  }

  private drawLive(): void {
    this.stage.live(this.livePart());
  }

  private livePart(): Part | undefined {
    const { view, graded, question } = this;
    const isBusy = this.grader.isBusy;
    if (question !== undefined) return question.part;
    // A screen reader would read the menu again after each verdict: there it comes with `?`.
    if (!this.options.screen.canRedraw)
      return isBusy && view !== undefined ? (look) => drawBusy(view, look) : undefined;
    return (look) => (view === undefined ? "" : drawMenu(view, { graded, isBusy }, look));
  }
}
