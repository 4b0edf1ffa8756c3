import type { Block } from "../../course/course.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { type MenuItem, renderMenu } from "../ui/menu.ts";
import type { Stage } from "../ui/stage.ts";
import type { Look } from "../ui/terminal.ts";
import type { LessonPlay } from "./lesson-play.ts";
import { type Move, moveOf } from "./move.ts";

export interface BlockPlay {
  readonly play: LessonPlay;
  readonly stage: Stage;
  readonly block: Block;
  /** The block after it. */
  readonly next: Block | undefined;
}

/** Shows the keys and waits for one that moves; other keys may act. */
export async function waitFor(
  input: Pick<BlockPlay, "play" | "stage">,
  first: readonly (readonly [key: string, label: { es: string; en: string }])[],
  actions: Readonly<Record<string, () => Promise<void>>> = {},
): Promise<Move> {
  const { play, stage } = input;
  const isEnterNamed = first.some(([key]) => key === "enter");
  const { keys } = lessonTexts;
  const show = () =>
    stage.live((look: Look) => {
      const items: MenuItem[] = [
        ...first.map(([key, label]) => ({ key, label: label[look.lang] })),
        ...(isEnterNamed ? [] : [{ key: "enter", label: keys.next[look.lang] }]),
        { key: "b", label: keys.back[look.lang] },
        { key: "q", label: keys.leave[look.lang] },
      ];
      return `\n${renderMenu(items, look)}`;
    });
  show();
  for (;;) {
    const key = await stage.keys.next(play.signal);
    const act = actions[key.name];
    if (act !== undefined) {
      await act();
      show();
      continue;
    }
    const move = moveOf(key);
    if (move !== undefined) {
      stage.live(undefined);
      return move;
    }
  }
}
