import type { Key } from "../ui/keys.ts";

/** Where the learner goes from here. */
export type Move = "next" | "back" | "repeat" | "leave";

/** The keys that mean the same everywhere in the player; undefined for any other. */
export function moveOf(key: Key): Move | undefined {
  switch (key.name) {
    case "return":
    case "space":
    case "right":
    case "pagedown":
      return "next";
    case "b":
    case "left":
    case "pageup":
      return "back";
    case "r":
      return "repeat";
    case "q":
      return "leave";
    default:
      return undefined;
  }
}
