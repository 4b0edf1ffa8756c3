import { stateWords, watchTexts } from "../texts/watch.ts";
import { widest } from "../ui/grid.ts";
import type { Key } from "../ui/keys.ts";
import { type MenuItem, renderMenu } from "../ui/menu.ts";
import { titleLines } from "../ui/rule.ts";
import { cutTo, padTo } from "../ui/safe-text.ts";
import type { Stage } from "../ui/stage.ts";
import type { Look, Screen } from "../ui/terminal.ts";
import type { ExerciseView } from "./exercise-actions.ts";

export interface ListOptions {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly views: readonly ExerciseView[];
  readonly current: string | undefined;
  /** undefined: the filter is being typed from the start. */
  readonly filter: string | undefined;
  readonly nextKey: () => Promise<Key>;
  readonly signal: AbortSignal;
}

interface ListState {
  readonly filter: string;
  readonly isTyping: boolean;
  /** Position among those that the filter leaves. */
  readonly cursor: number;
}

/** The exercises with their states; arrows move, enter opens, / filters. Gives the chosen id, or undefined. */
export async function showList(options: ListOptions): Promise<string | undefined> {
  const { stage, screen, views } = options;
  const start = views.findIndex((view) => view.id === options.current);
  let state: ListState = {
    filter: options.filter ?? "",
    isTyping: options.filter === undefined,
    cursor: Math.max(0, start),
  };
  let isFirst = true;
  for (;;) {
    const shown = filtered(views, state.filter, screen.lang);
    state = { ...state, cursor: Math.max(0, Math.min(state.cursor, shown.length - 1)) };
    const drawn = state;
    // Without redrawing the list is told once; then only the line under the cursor.
    if (screen.canRedraw || isFirst)
      stage.show([(look) => drawList(views, drawn, { look, rows: screen.rows() })], (look) =>
        menu(drawn, look),
      );
    else stage.add((look) => lineAt(shown, drawn, look));
    isFirst = false;
    const step = press(await options.nextKey(), state, shown);
    if (step.kind === "leave") return undefined;
    if (step.kind === "open") return step.id;
    state = step.state;
  }
}

type Step =
  | { readonly kind: "leave" }
  | { readonly kind: "open"; readonly id: string }
  | { readonly kind: "stay"; readonly state: ListState };

function press(key: Key, state: ListState, shown: readonly ExerciseView[]): Step {
  const stay = (change: Partial<ListState>): Step => ({ kind: "stay", state: { ...state, ...change } });
  const last = shown.length - 1;
  if (key.name === "return") {
    const view = shown[state.cursor];
    return view === undefined ? stay({ isTyping: true }) : { kind: "open", id: view.id };
  }
  if (key.name === "down") return stay({ cursor: Math.min(last, state.cursor + 1) });
  if (key.name === "up") return stay({ cursor: Math.max(0, state.cursor - 1) });
  if (key.name === "home") return stay({ cursor: 0 });
  if (key.name === "end") return stay({ cursor: last });
  if (key.name === "escape")
    return state.filter === "" ? { kind: "leave" } : stay({ filter: "", isTyping: false });
  if (state.isTyping) {
    if (key.name === "backspace") return stay({ filter: [...state.filter].slice(0, -1).join(""), cursor: 0 });
    return key.text === "" ? stay({}) : stay({ filter: state.filter + key.text, cursor: 0 });
  }
  if (key.text === "/") return stay({ isTyping: true });
  if (key.name === "j") return stay({ cursor: Math.min(last, state.cursor + 1) });
  if (key.name === "k") return stay({ cursor: Math.max(0, state.cursor - 1) });
  return key.name === "q" || key.name === "l" ? { kind: "leave" } : stay({});
}

/** By name, title or state in words; case and accents are ignored. */
export function filtered(views: readonly ExerciseView[], filter: string, lang: "es" | "en"): ExerciseView[] {
  const wanted = fold(filter.trim());
  return views.filter((view) =>
    fold(`${view.name} ${view.id} ${view.task.title} ${stateWords(view.state, lang)}`).includes(wanted),
  );
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function drawList(
  views: readonly ExerciseView[],
  state: ListState,
  place: { look: Look; rows: number },
): string {
  const { look, rows } = place;
  const shown = filtered(views, state.filter, look.lang);
  const passed = views.filter(
    (view) => view.state === "passed" || view.state === "passed-with-solution",
  ).length;
  const lines = titleLines({
    left: look.colors.bold(watchTexts.list.title[look.lang]),
    right: watchTexts.passedOf[look.lang](passed, views.length),
    look,
  });
  if (state.filter !== "" || state.isTyping)
    lines.push(` ${watchTexts.list.filter[look.lang]} ${state.filter}${state.isTyping ? "_" : ""}`);
  if (shown.length === 0) lines.push(` ${watchTexts.list.none[look.lang]}`);
  const room = look.isPlain ? shown.length : Math.max(3, rows - lines.length - 5);
  const first = Math.max(0, Math.min(state.cursor - Math.floor(room / 2), shown.length - room));
  const part = shown.slice(first, first + room);
  lines.push(
    ...part.map((view, index) => rowOf(view, { shown, isAt: first + index === state.cursor, look })),
  );
  const after = shown.length - first - part.length;
  if (first > 0 || after > 0)
    lines.push(` ${look.colors.dim(watchTexts.list.more[look.lang](first, after))}`);
  return lines.join("\n");
}

function rowOf(
  view: ExerciseView,
  row: { shown: readonly ExerciseView[]; isAt: boolean; look: Look },
): string {
  const { shown, isAt, look } = row;
  const nameWidth = widest(shown.map((one) => one.name));
  const stateWidth = widest(shown.map((one) => stateWords(one.state, look.lang)));
  const pointer = isAt ? (look.isUnicode ? "❯" : ">") : " ";
  const head = ` ${pointer} ${padTo(view.name, nameWidth)}  `;
  const word = padTo(stateWords(view.state, look.lang), stateWidth);
  const title = cutTo(
    view.task.title,
    Math.max(8, look.columns - head.length - stateWidth - 3),
    look.isUnicode,
  );
  const isPassed = view.state === "passed" || view.state === "passed-with-solution";
  const line = `${head}${isPassed ? look.colors.green(word) : word}  ${title}`;
  return isAt ? look.colors.bold(line) : line;
}

function lineAt(shown: readonly ExerciseView[], state: ListState, look: Look): string {
  if (state.isTyping) return ` ${watchTexts.list.filter[look.lang]} ${state.filter}`;
  const view = shown[state.cursor];
  if (view === undefined) return ` ${watchTexts.list.none[look.lang]}`;
  return ` ${state.cursor + 1}. ${view.name}, ${stateWords(view.state, look.lang)}, ${view.task.title}`;
}

function menu(state: ListState, look: Look): string {
  const { keys } = watchTexts;
  const items: MenuItem[] = [
    { key: look.isUnicode ? "↑↓" : "up/down", label: keys.move[look.lang] },
    { key: "enter", label: keys.open[look.lang] },
    ...(state.isTyping ? [] : [{ key: "/", label: keys.filter[look.lang] }]),
    { key: "esc", label: keys.back[look.lang] },
  ];
  return `\n${renderMenu(items, look)}`;
}
