import { UserError } from "../../core/errors.ts";
import { stateWords, watchTexts } from "../texts/watch.ts";
import { renderDiff } from "../ui/diff.ts";
import { renderError } from "../ui/errors.ts";
import { languageOf } from "../ui/highlight.ts";
import { renderCode, renderMarkdown } from "../ui/markdown.ts";
import { type MenuItem, renderMenu } from "../ui/menu.ts";
import { titleLines } from "../ui/rule.ts";
import type { Look } from "../ui/terminal.ts";
import { renderVerdict } from "../ui/verdict.ts";
import { wrap } from "../ui/wrap.ts";
import type { ExerciseView } from "./exercise-actions.ts";
import type { Graded } from "./grader.ts";

/** The verdict, or before the first one the task's name and what to save. */
export function drawTop(view: ExerciseView, graded: Graded | undefined, look: Look): string {
  if (graded?.kind === "verdict") {
    return renderVerdict(
      { verdict: graded.verdict, task: view.task, name: view.name, files: view.shownFiles },
      look,
    );
  }
  const title = titleLines({
    left: `${look.colors.bold(view.name)}   ${view.shownFiles.join(", ")}`,
    right: stateWords(view.state, look.lang),
    look,
  });
  if (graded?.kind === "failed" && graded.error instanceof UserError)
    return [...title, renderError(graded.error, look)].join("\n");
  const save = watchTexts.waiting[look.lang](view.shownFiles.join(", "));
  const data = view.hasTables ? [watchTexts.data[look.lang](view.name)] : [];
  return [
    ...title,
    ` ${look.colors.bold(view.task.title)}`,
    ...[save, ...data].flatMap((text) => wrap(text, look.columns - 2)).map((line) => ` ${line}`),
  ].join("\n");
}

/** What may be typed; while it grades, that it does. */
export function drawMenu(
  view: ExerciseView,
  status: { readonly graded: Graded | undefined; readonly isBusy: boolean },
  look: Look,
): string {
  const { lang, colors } = look;
  const { keys } = watchTexts;
  const lines: string[] = [""];
  if (status.isBusy) lines.push(drawBusy(view, look));
  else if (status.graded?.kind === "verdict" && status.graded.verdict.passed)
    lines.push(` ${colors.green(watchTexts.passedNext[lang])}`);
  const hints = view.task.hints.length;
  const hint = view.hintsShown < hints ? keys.hintOf[lang](view.hintsShown + 1, hints) : keys.hint[lang];
  const items: MenuItem[] = [
    { key: "n", label: keys.next[lang] },
    ...(hints > 0 ? [{ key: "h", label: hint }] : []),
    { key: "t", label: keys.task[lang] },
    { key: "e", label: keys.editor[lang] },
    { key: "d", label: keys.diff[lang] },
    { key: "s", label: keys.solution[lang] },
    { key: "x", label: keys.reset[lang] },
    { key: "u", label: keys.undo[lang] },
    { key: "c", label: keys.all[lang] },
    { key: "l", label: keys.list[lang] },
    { key: "/", label: keys.filter[lang] },
    { key: "enter", label: keys.again[lang] },
    { key: "q", label: keys.quit[lang] },
  ];
  return [...lines, renderMenu(items, look)].join("\n");
}

export function drawBusy(view: ExerciseView, look: Look): string {
  return ` ${look.colors.yellow(`${watchTexts.grading[look.lang]} ${view.name}${look.isUnicode ? "…" : "..."}`)}`;
}

export function drawTask(view: ExerciseView, look: Look): string {
  const task = ` ${look.colors.bold(view.task.title)}\n\n${renderMarkdown(view.task.markdown, look, { indent: 1 })}`;
  return view.hasTables ? `${task}\n\n ${watchTexts.data[look.lang](view.name)}` : task;
}

export function drawHint(
  hints: readonly { readonly index: number; readonly markdown: string }[],
  of: { readonly count: number; readonly isLast: boolean },
  look: Look,
): string {
  const shown = hints.map(({ index, markdown }) => {
    const title = look.colors.bold(watchTexts.keys.hintOf[look.lang](index + 1, of.count));
    return ` ${title}\n${renderMarkdown(markdown, look, { indent: 3 })}`;
  });
  return [...(of.isLast ? [` ${watchTexts.noMoreHints[look.lang]}`] : []), ...shown].join("\n\n");
}

export function drawDiff(patch: string | undefined, look: Look): string {
  return patch === undefined ? ` ${watchTexts.same[look.lang]}` : renderDiff(patch, look);
}

export function drawSolution(files: Readonly<Record<string, string>>, look: Look): string {
  return Object.entries(files)
    .map(([name, text]) => {
      const code = renderCode(text.trimEnd(), languageOf(name), look);
      return [` ${look.colors.bold(name)}`, "", ...code.map((line) => ` ${line}`)].join("\n");
    })
    .join("\n\n");
}

/** A question that one key answers. */
export function drawQuestion(text: string, look: Look): string {
  const { keys } = watchTexts;
  const menu = renderMenu(
    [
      { key: watchTexts.yesKey[look.lang], label: keys.yes[look.lang] },
      { key: "n", label: keys.no[look.lang] },
    ],
    look,
  );
  return ["", ...wrap(text, look.columns - 2).map((line) => ` ${look.colors.yellow(line)}`), menu].join("\n");
}
