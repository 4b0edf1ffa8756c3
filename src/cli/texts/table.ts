/** Words around tables. */
export const tableTexts = {
  rows: { es: ["fila", "filas"], en: ["row", "rows"] },
  firstOnly: {
    es: (shown: string) => `aquí, las ${shown} primeras`,
    en: (shown: string) => `the first ${shown} here`,
  },
  leftOut: {
    es: (count: number) => (count === 1 ? "1 columna más:" : `${count} columnas más:`),
    en: (count: number) => (count === 1 ? "1 more column:" : `${count} more columns:`),
  },
} as const;
