import { UserError } from "../../core/errors.ts";
import { watchTexts } from "../texts/watch.ts";
import { renderError } from "../ui/errors.ts";
import type { Key } from "../ui/keys.ts";
import type { Part, Stage } from "../ui/stage.ts";
import { checkAll } from "./check-all.ts";
import { type EventQueue, eventQueue } from "./event-queue.ts";
import type { ExerciseView } from "./exercise-actions.ts";
import { type Graded, type Grader, openGrader } from "./grader.ts";
import { showList } from "./list-screen.ts";
import type { WatchOptions } from "./watch.ts";
import { type FileWatch, watchFiles } from "./watch-files.ts";
import { actOn, type WatchControls } from "./watch-keys.ts";
import { drawBusy, drawMenu, drawQuestion, drawTop } from "./watch-screen.ts";

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
export class Watching implements WatchControls {
  private readonly events: EventQueue<WatchEvent> = eventQueue();
  private readonly grader: Grader;
  readonly options: WatchOptions;
  readonly stage: Stage;
  view: ExerciseView | undefined;
  graded: Graded | undefined;
  private extras: Part[] = [];
  private staysOnSave = false;
  private question: { readonly part: Part; readonly onYes: () => Promise<void> } | undefined;
  private files: FileWatch | undefined;
  private slow: NodeJS.Timeout | undefined;
  /** Runs while every exercise is being graded. */
  private gradingAll: AbortController | undefined;
  private savedMeanwhile = false;

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
          if (!this.staysOnSave) this.extras = [];
          this.staysOnSave = false;
          this.question = undefined;
          // A verdict for each in turn comes first; this one is graded after them.
          if (this.gradingAll === undefined) this.grade();
          else this.savedMeanwhile = true;
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
          await this.refresh();
          this.draw("end");
          if (this.savedMeanwhile) this.grade();
          this.savedMeanwhile = false;
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

  grade(): void {
    if (this.view === undefined) return;
    this.grader.request(this.view.id);
    clearTimeout(this.slow);
    this.slow = setTimeout(() => this.events.push({ kind: "slow" }), slowMs);
  }

  private async take(graded: Graded): Promise<void> {
    if (this.view === undefined || graded.id !== this.view.id) return;
    this.graded = graded;
    await this.refresh();
    this.draw();
  }

  private async press(key: Key): Promise<void> {
    if (this.question !== undefined) await this.answer(key);
    else if (this.view !== undefined) await actOn(key, this.view, this);
  }

  async list(filter: string | undefined): Promise<void> {
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
  async all(): Promise<void> {
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

  ask(text: { es: string; en: string }, onYes: () => Promise<void>): void {
    this.question = { part: (look) => drawQuestion(text[look.lang], look), onYes };
    this.drawLive();
  }

  private async answer(key: Key): Promise<void> {
    const { question } = this;
    this.question = undefined;
    const yes = ["y", watchTexts.yesKey[this.options.screen.lang]];
    if (question !== undefined && yes.includes(key.name)) await question.onYes();
    else this.draw();
  }

  /** What stood there before goes. */
  say(part: Part, { staysOnSave = false }: { readonly staysOnSave?: boolean } = {}): void {
    this.extras = [part];
    this.staysOnSave = staysOnSave;
    if (this.options.screen.canRedraw) this.draw("end");
    else this.stage.add((look) => `\n${part(look)}`);
  }

  /** State and hints anew. */
  async refresh(): Promise<void> {
    if (this.view !== undefined) this.view = await this.options.exercises.view(this.view.id);
  }

  private async sayErrors(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.say((look) => renderError(error, look));
    }
  }

  private draw(from: "top" | "end" = "top"): void {
    const { view, graded } = this;
    if (view === undefined) return;
    if (graded?.kind === "failed" && !(graded.error instanceof UserError)) throw graded.error;
    const top: Part = (look) => drawTop(view, graded, look);
    const extras = this.extras.map(
      (part): Part =>
        (look) =>
          `\n${part(look)}`,
    );
    this.stage.show([top, ...extras], this.livePart(), from);
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
