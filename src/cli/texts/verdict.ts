import type { Lang } from "../../core/text.ts";

/** Words of a verdict: what holds, what does not, on which data. */
export const verdictTexts = {
  passes: { es: "pasa", en: "passes" },
  fails: { es: "FALLA", en: "FAILS" },
  notReached: { es: "por ver", en: "not yet" },
  passed: { es: "pasa", en: "passed" },
  notPassed: { es: "no pasa", en: "not passed" },
  smallest: { es: "El caso más pequeño:", en: "The smallest case:" },
  typeErrors: { es: "Errores de tipos:", en: "Type errors:" },
  typeNotes: {
    es: "Pasa, con errores de tipos que conviene mirar:",
    en: "It passes, with type errors worth a look:",
  },
  otherFailures: {
    es: "Lo demás puede esperar: arregla esto primero.",
    en: "The rest can wait: mend this first.",
  },
} as const;

/** On which data a check failed, by the case's id. */
export function caseWords(caseId: string | undefined, lang: Lang): string | undefined {
  if (caseId === undefined) return undefined;
  const known: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
    visible: { es: "con los datos que ves", en: "on the data that you see" },
    "edge-empty": { es: "con una tabla vacía", en: "on an empty table" },
    "edge-one-row": { es: "con una sola fila", en: "on a single row" },
    "edge-all-null": { es: "con todos los valores NULL", en: "on values that are all NULL" },
  };
  const words = known[caseId];
  if (words !== undefined) return words[lang];
  if (caseId.startsWith("seed-")) {
    return lang === "es"
      ? "con datos que no has visto (otra semilla)"
      : "on data that you have not seen (another seed)";
  }
  const name = caseId.replace(/^edge-/, "");
  return lang === "es" ? `en el caso límite «${name}»` : `in the edge case "${name}"`;
}
