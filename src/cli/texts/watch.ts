import type { Lang } from "../../core/text.ts";
import type { ExerciseState } from "../../course/progress-state.ts";

/** Words of the watch screen. */
export const watchTexts = {
  keys: {
    next: { es: "siguiente", en: "next" },
    hint: { es: "pista", en: "hint" },
    hintOf: {
      es: (index: number, count: number) => `pista ${index} de ${count}`,
      en: (index: number, count: number) => `hint ${index} of ${count}`,
    },
    list: { es: "lista", en: "list" },
    all: { es: "corrige todo", en: "check all" },
    reset: { es: "empieza de nuevo", en: "reset" },
    undo: { es: "deshace", en: "undo" },
    editor: { es: "editor", en: "editor" },
    diff: { es: "diferencias", en: "diff" },
    solution: { es: "solución", en: "solution" },
    task: { es: "tarea", en: "task" },
    filter: { es: "filtra", en: "filter" },
    again: { es: "corrige otra vez", en: "check again" },
    quit: { es: "sale", en: "quit" },
    open: { es: "abre", en: "opens" },
    back: { es: "vuelve", en: "back" },
    move: { es: "mueve", en: "moves" },
    yes: { es: "sí", en: "yes" },
    no: { es: "no", en: "no" },
    done: { es: "hecho", en: "done" },
  },
  yesKey: { es: "s", en: "y" },
  grading: { es: "corrigiendo", en: "grading" },
  waiting: {
    es: (file: string) => `Guarda ${file} y se corrige aquí.`,
    en: (file: string) => `Save ${file} and it is graded here.`,
  },
  data: {
    es: (name: string) => `Mira sus datos con: taller sql ${name}`,
    en: (name: string) => `Look at its data with: taller sql ${name}`,
  },
  passedNext: { es: "Pasa. n sigue con el próximo.", en: "It passes. n goes to the next one." },
  allPassed: { es: "Has superado todos los ejercicios.", en: "You have passed every exercise." },
  onlyThisLeft: {
    es: "Solo te queda este.",
    en: "Only this one is left.",
  },
  passedOf: {
    es: (passed: number, count: number) => `${passed} de ${count} superados`,
    en: (passed: number, count: number) => `${passed} of ${count} passed`,
  },
  noMoreHints: { es: "No hay más pistas; estas son todas.", en: "There are no more hints; these are all." },
  same: { es: "Es igual que la solución.", en: "It is the same as the solution." },
  askSolution: {
    es: "Aún no lo has superado. Si miras la solución, contará como «superado con solución». ¿La enseño?",
    en: 'You have not passed yet. If you look at the solution, it will count as "passed with solution". Show it?',
  },
  askReset: {
    es: "¿Vuelvo al fichero de partida? Lo tuyo se guarda: u lo recupera.",
    en: "Back to the starting file? Yours is kept: u brings it back.",
  },
  wasReset: {
    es: "Está como al principio. u recupera lo que tenías.",
    en: "It is as it was at the start. u brings back what you had.",
  },
  undone: { es: "Recuperado.", en: "Brought back." },
  checkingAll: {
    es: (index: number, count: number, name: string) => `corrigiendo ${index} de ${count}: ${name}`,
    en: (index: number, count: number, name: string) => `grading ${index} of ${count}: ${name}`,
  },
  noneStarted: { es: "Aún no has empezado ninguno.", en: "You have not begun any yet." },
  passing: {
    es: (passed: number, count: number) => `Pasan ${passed} de ${count}.`,
    en: (passed: number, count: number) => `${passed} of ${count} pass.`,
  },
  list: {
    title: { es: "Ejercicios", en: "Exercises" },
    filter: { es: "filtro:", en: "filter:" },
    none: { es: "Ninguno con ese filtro.", en: "None with this filter." },
    more: {
      es: (before: number, after: number) => `… ${before} antes, ${after} después`,
      en: (before: number, after: number) => `… ${before} before, ${after} after`,
    },
  },
  untilStdinEnds: {
    es: "Sin teclado: corrijo cada vez que guardas, hasta que acabe la entrada.",
    en: "No keyboard: I grade on every save until stdin ends.",
  },
} as const;

const stateTexts = {
  untouched: { es: "sin empezar", en: "not started" },
  started: { es: "a medias", en: "started" },
  passed: { es: "superado", en: "passed" },
  "passed-with-solution": { es: "superado con solución", en: "passed with solution" },
  "task-changed": { es: "la tarea cambió", en: "task changed" },
} as const satisfies Record<ExerciseState, Record<Lang, string>>;

/** An exercise's state in words. */
export function stateWords(state: ExerciseState, lang: Lang): string {
  return stateTexts[state][lang];
}
