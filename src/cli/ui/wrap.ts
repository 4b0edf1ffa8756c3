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

/** The same for code: its spaces at the start of a line stay. */
export function wrapCode(text: string, columns: number): string[] {
  return wrapAnsi(text, Math.max(1, columns), { hard: true, trim: false }).split("\n");
}
