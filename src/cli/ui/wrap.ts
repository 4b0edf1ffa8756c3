import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/**
 * A space where a line must not end (inside short code). Released after wrapping, so that what the learner
 * copies from the terminal has plain spaces.
 */
const heldSpace = "\ue000";

/** Makes a text one word for {@link wrap}. */
export function hold(text: string): string {
  return text.replaceAll(" ", heldSpace);
}

/** Gives held spaces back. */
export function release(text: string): string {
  return text.replaceAll(heldSpace, " ");
}

/** Wraps a text with ANSI codes; words longer than the line are broken. */
export function wrap(text: string, columns: number): string[] {
  return release(wrapAnsi(text, Math.max(1, columns), { hard: true, trim: true })).split("\n");
}

/** The same for code: a line that is too long goes on two spaces deeper than it began. */
export function wrapCode(line: string, columns: number): string[] {
  if (stringWidth(line) <= columns) return [line];
  const depth = Math.min(/^ */.exec(line)?.[0].length ?? 0, Math.floor(columns / 2));
  const parts = wrapAnsi(line.slice(depth), Math.max(1, columns - depth - 2), {
    hard: true,
    trim: true,
  }).split("\n");
  return parts.map((part, index) => " ".repeat(index === 0 ? depth : depth + 2) + part);
}
