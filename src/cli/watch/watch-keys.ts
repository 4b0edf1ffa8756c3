import { watchTexts } from "../texts/watch.ts";
import { openInEditor } from "../ui/editor.ts";
import type { Key } from "../ui/keys.ts";
import type { Part, Stage } from "../ui/stage.ts";
import type { ExerciseView } from "./exercise-actions.ts";
import type { Graded } from "./grader.ts";
import type { WatchOptions } from "./watch.ts";
import { drawDiff, drawHint, drawMenu, drawSolution, drawTask } from "./watch-screen.ts";

/** What a key may do with the watch screen. */
export interface WatchControls {
  readonly options: WatchOptions;
  readonly stage: Stage;
  readonly graded: Graded | undefined;
  enter(id: string): Promise<void>;
  grade(): void;
  /** Something below the verdict; `staysOnSave`: also after the save that it causes itself. */
  say(part: Part, options?: { readonly staysOnSave?: boolean }): void;
  ask(text: { readonly es: string; readonly en: string }, onYes: () => Promise<void>): void;
  refresh(): Promise<void>;
  list(filter: string | undefined): Promise<void>;
  all(): Promise<void>;
}

/** Does what the key says; a key without a meaning does nothing. */
export async function actOn(key: Key, view: ExerciseView, watch: WatchControls): Promise<void> {
  const { exercises, env } = watch.options;
  switch (["/", "?"].includes(key.text) ? key.text : key.name) {
    case "?":
      return watch.say((look) => drawMenu(view, { graded: watch.graded, isBusy: false }, look));
    case "n":
      return goNext(view, watch);
    case "h":
      return giveHint(view, watch);
    case "t":
      return watch.say((look) => drawTask(view, look));
    case "l":
      return watch.list("");
    case "/":
      return watch.list(undefined);
    case "c":
      return watch.all();
    case "x":
      return watch.ask(watchTexts.askReset, async () => {
        await exercises.reset(view.id);
        watch.say((look) => ` ${watchTexts.wasReset[look.lang]}`, { staysOnSave: true });
      });
    case "u":
      await exercises.undo(view.id);
      return watch.say((look) => ` ${watchTexts.undone[look.lang]}`, { staysOnSave: true });
    case "e":
      return watch.stage.lend(() => openInEditor({ files: view.files, env }));
    case "d":
      return reveal(view, watch, async () => {
        const patch = await exercises.diff(view.id);
        watch.say((look) => drawDiff(patch, look));
      });
    case "s":
      return reveal(view, watch, async () => {
        const files = await exercises.solution(view.id);
        watch.say((look) => drawSolution(files, look));
      });
    case "down":
    case "j":
      return watch.stage.scroll(1);
    case "up":
    case "k":
      return watch.stage.scroll(-1);
    case "pagedown":
    case "space":
      return watch.stage.scroll(watch.options.screen.rows() >> 1);
    case "pageup":
      return watch.stage.scroll(-(watch.options.screen.rows() >> 1));
    case "return":
    case "r":
      return watch.grade();
  }
}

/** The next in the course's order that is not passed; this one is passed over even when it isn't. */
async function goNext(view: ExerciseView, watch: WatchControls): Promise<void> {
  const { ids, exercises } = watch.options;
  const at = ids.indexOf(view.id);
  const others = [...ids.slice(at + 1), ...ids.slice(0, Math.max(0, at))];
  for (const id of others) {
    const { state } = await exercises.view(id);
    if (!isPassed(state)) return watch.enter(id);
  }
  if (isPassed(view.state)) watch.say((look) => ` ${watchTexts.allPassed[look.lang]}`);
  else watch.say((look) => ` ${watchTexts.onlyThisLeft[look.lang]}`);
}

function isPassed(state: ExerciseView["state"]): boolean {
  return state === "passed" || state === "passed-with-solution";
}

async function giveHint(view: ExerciseView, watch: WatchControls): Promise<void> {
  const given = await watch.options.exercises.hint(view.id);
  await watch.refresh();
  const all = view.task.hints.map((markdown, index) => ({ index, markdown }));
  const count = all.length;
  watch.say((look) =>
    drawHint(given === undefined ? all : [given], { count, isLast: given === undefined }, look),
  );
}

/** At once when it was passed or shown before; else only after a yes. */
async function reveal(view: ExerciseView, watch: WatchControls, show: () => Promise<void>): Promise<void> {
  if (await watch.options.exercises.maySeeSolution(view.id)) await show();
  else watch.ask(watchTexts.askSolution, show);
}
