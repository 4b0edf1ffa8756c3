import type { Lang } from "../../core/text.ts";

interface RowFacts {
  readonly result: string;
  readonly expectedRows: string;
  readonly actualRows: string;
  readonly isSameCount: boolean;
  readonly missing: Counted;
  readonly extra: Counted;
  readonly changed: Counted;
}

/** A number of rows and its text; none where it is 0. */
export interface Counted {
  readonly count: number;
  readonly text: string;
}

/** Families of types, as tasks name them. */
export const familyTexts: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
  boolean: { es: "booleano", en: "boolean" },
  integer: { es: "entero", en: "integer" },
  fraction: { es: "número con decimales", en: "a number with decimals" },
  text: { es: "texto", en: "text" },
  date: { es: "fecha", en: "date" },
  timestamp: { es: "fecha y hora", en: "timestamp" },
};

/** Why a check failed, in words. Names of columns and results come quoted as code already. */
export const reasonTexts = {
  missingColumns: {
    es: (result: string, names: string, isOne: boolean) =>
      `A ${result} le ${isOne ? "falta la columna" : "faltan las columnas"} ${names}.`,
    en: (result: string, names: string, isOne: boolean) =>
      `${result} lacks the column${isOne ? "" : "s"} ${names}.`,
  },
  extraColumns: {
    es: (result: string, names: string, isOne: boolean) =>
      `En ${result} ${isOne ? "sobra" : "sobran"} ${names}.`,
    en: (result: string, names: string, isOne: boolean) =>
      `${result} has ${names}, which ${isOne ? "was" : "were"} not asked for.`,
  },
  columnOrder: {
    es: (names: string) => `Las columnas están, pero el orden pedido es: ${names}.`,
    en: (names: string) => `The columns are there, but the order asked for is: ${names}.`,
  },
  type: {
    es: (column: string, expected: string, actual: string) =>
      `${column} tiene que ser ${expected} y es ${actual}.`,
    en: (column: string, expected: string, actual: string) =>
      `${column} must be ${expected}; it is ${actual}.`,
  },
  rows: {
    es: (rows: RowFacts) =>
      `${rows.result} ${rows.isSameCount ? `tiene ${rows.actualRows}, las que debe` : `tiene ${rows.actualRows} y debe tener ${rows.expectedRows}`}: ${listOf([before(rows.missing, "falta", "faltan"), before(rows.extra, "sobra", "sobran"), after(rows.changed, "trae otros valores", "traen otros valores")], "es")}.`,
    en: (rows: RowFacts) =>
      `${rows.result} has ${rows.actualRows}${rows.isSameCount ? ", as many as it should" : ` and should have ${rows.expectedRows}`}: ${listOf([after(rows.missing, "missing", "missing"), after(rows.extra, "too many", "too many"), after(rows.changed, "with other values", "with other values")], "en")}.`,
  },
  order: {
    es: (result: string, row: string, by: string) =>
      `Las filas de ${result} son las pedidas, pero no su orden: desde la fila ${row} no siguen ${by}.`,
    en: (result: string, row: string, by: string) =>
      `${result} has the right rows in another order: from row ${row} on they do not follow ${by}.`,
  },
  value: {
    es: (name: string, expected: string, actual: string) =>
      `${name}: se espera ${expected} y sale ${actual}.`,
    en: (name: string, expected: string, actual: string) => `${name}: expected ${expected}, got ${actual}.`,
  },
  tolerance: {
    es: (tolerance: string) => `Vale una diferencia de ${tolerance}.`,
    en: (tolerance: string) => `A difference of ${tolerance} is allowed.`,
  },
  answerWrong: {
    es: (field: string, given: string) => `${field}: ${given} no es la respuesta.`,
    en: (field: string, given: string) => `${field}: ${given} is not the answer.`,
  },
  answerMissing: {
    es: (field: string) => `${field} está sin responder.`,
    en: (field: string) => `${field} has no answer yet.`,
  },
  answerForm: {
    es: (field: string, given: string) =>
      `${field}: no sé leer ${given} como respuesta. Mira la forma que pide la tarea.`,
    en: (field: string, given: string) =>
      `${field}: I can't read ${given} as an answer. See the form that the task asks for.`,
  },
  fact: {
    es: (name: string, expected: string, actual: string) => `${name}: se espera ${expected} y hay ${actual}.`,
    en: (name: string, expected: string, actual: string) => `${name}: expected ${expected}, found ${actual}.`,
  },
  differs: {
    missing: { es: "falta", en: "missing" },
    extra: { es: "sobra", en: "too many" },
  },
  changedColumns: {
    es: { column: "columna", expected: "se espera", actual: "la tuya" },
    en: { column: "column", expected: "expected", actual: "yours" },
  },
} as const;

function before(rows: Counted, one: string, many: string): string | undefined {
  return rows.count === 0 ? undefined : `${rows.count === 1 ? one : many} ${rows.text}`;
}

function after(rows: Counted, one: string, many: string): string | undefined {
  return rows.count === 0 ? undefined : `${rows.text} ${rows.count === 1 ? one : many}`;
}

/** `a`, `a y b`, `a, b y c`. */
export function listOf(parts: readonly (string | undefined)[], lang: Lang): string {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < 2) return known.join("");
  return `${known.slice(0, -1).join(", ")} ${lang === "es" ? "y" : "and"} ${known.at(-1)}`;
}
