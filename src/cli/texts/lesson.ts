import type { Text } from "../../core/text.ts";

/** Words of the lesson player. */
export const lessonTexts = {
  stepOf: {
    es: (index: number, count: number) => `paso ${index} de ${count}`,
    en: (index: number, count: number) => `step ${index} of ${count}`,
  },
  keys: {
    next: { es: "sigue", en: "goes on" },
    run: { es: "ejecuta", en: "runs it" },
    back: { es: "atrás", en: "back" },
    repeat: { es: "repite", en: "again" },
    sql: { es: "consola SQL", en: "SQL prompt" },
    editor: { es: "editor", en: "editor" },
    check: { es: "corrige", en: "checks" },
    hint: { es: "pista", en: "hint" },
    leave: { es: "guarda y sale", en: "saves and leaves" },
    finish: { es: "termina", en: "finishes" },
    choose: { es: "responde", en: "answers" },
    mark: { es: "marca", en: "marks" },
    move: { es: "mueve", en: "moves" },
    skip: { es: "sigue sin responder", en: "goes on without an answer" },
    stop: { es: "para", en: "stops" },
  },
  running: { es: "ejecutando", en: "running" },
  checking: { es: "corrigiendo", en: "checking" },
  stopped: { es: "Parado: no queda nada a medias.", en: "Stopped: nothing is left half done." },
  stepDoesNotExist: (step: string, lesson: string): Text => ({
    es: `La lección «${lesson}» no tiene el paso «${step}».`,
    en: `The lesson "${lesson}" has no step "${step}".`,
  }),
  finished: {
    es: (title: string) => `Fin de la lección: ${title}`,
    en: (title: string) => `End of the lesson: ${title}`,
  },
  left: {
    es: (step: string) => `Guardado. La próxima vez sigues en: ${step}`,
    en: (step: string) => `Saved. You will go on at this step: ${step}`,
  },
  rowsCut: {
    es: (rows: string) => `las ${rows} primeras filas`,
    en: (rows: string) => `the first ${rows} rows`,
  },
  reconciles: { es: "cuadra", en: "it adds up" },
  doesNotReconcile: {
    es: (missing: string) => `no cuadra: faltan ${missing}`,
    en: (missing: string) => `it does not add up: ${missing} missing`,
  },
  tooMany: {
    es: (extra: string) => `no cuadra: sobran ${extra}`,
    en: (extra: string) => `it does not add up: ${extra} too many`,
  },
  plan: {
    files: {
      es: (read: string, total: string) => `ficheros leídos: ${read} de ${total}`,
      en: (read: string, total: string) => `files read: ${read} of ${total}`,
    },
    rowGroups: {
      es: (read: string, total: string) => `grupos de filas: ${read} de ${total}`,
      en: (read: string, total: string) => `row groups: ${read} of ${total}`,
    },
    rows: {
      es: (rows: string) => `filas leídas: ${rows}`,
      en: (rows: string) => `rows scanned: ${rows}`,
    },
    shuffles: {
      es: (count: string) => `operadores que en un clúster barajan (shuffle): ${count}`,
      en: (count: string) => `operators that shuffle on a cluster: ${count}`,
    },
  },
  exercise: {
    heading: { es: "Ejercicio", en: "Exercise" },
    file: { es: "tu fichero:", en: "your file:" },
    data: { es: "sus datos:", en: "its data:" },
    check: { es: "para corregir:", en: "to grade it:" },
  },
  tryIt: {
    heading: { es: "Prueba tú", en: "Try it" },
    sample: { es: "por ejemplo:", en: "for example:" },
  },
  failed: {
    es: (count: number) => (count === 1 ? "1 bloque no funcionó:" : `${count} bloques no funcionaron:`),
    en: (count: number) => (count === 1 ? "1 block failed:" : `${count} blocks failed:`),
  },
  blockAt: {
    es: (step: string, block: string, line: number) =>
      `paso «${step}», bloque ${block}, línea ${line} de la lección`,
    en: (step: string, block: string, line: number) =>
      `step "${step}", block ${block}, line ${line} of the lesson`,
  },
} as const;
