import { viewTexts } from "../texts/view.ts";
import type { Look } from "./terminal.ts";

export interface View {
  readonly lines: readonly string[];
  /** The offset asked for, within what there is. */
  readonly offset: number;
}

/** The lines that have room, from `offset` on; the last line says what is above and below. */
export function cutView(
  lines: readonly string[],
  place: { readonly offset: number; readonly room: number; readonly look: Look },
): View {
  const { room, look } = place;
  if (lines.length <= room) return { lines, offset: 0 };
  const shown = room - 1;
  const offset = Math.max(0, Math.min(place.offset, lines.length - shown));
  const note = viewTexts.more[look.lang](offset, lines.length - offset - shown);
  return { lines: [...lines.slice(offset, offset + shown), ` ${look.colors.dim(note)}`], offset };
}
