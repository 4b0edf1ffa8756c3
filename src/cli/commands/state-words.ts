import type { Lang } from "../../core/text.ts";
import type { ExerciseState } from "../../course/progress.ts";

const WORDS = {
  untouched: { es: "sin empezar", en: "not started" },
  started: { es: "a medias", en: "started" },
  passed: { es: "pasado", en: "passed" },
  "passed-with-solution": { es: "pasado con solución", en: "passed with solution" },
  "task-changed": { es: "la tarea ha cambiado", en: "task changed" },
} as const satisfies Record<ExerciseState, Record<Lang, string>>;

/** An exercise's state in words. */
export function stateWord(state: ExerciseState, lang: Lang): string {
  return WORDS[state][lang];
}
