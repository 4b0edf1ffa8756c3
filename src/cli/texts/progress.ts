/** Words of long work. */
export const progressTexts = {
  done: { es: "hecho", en: "done" },
  warning: { es: "aviso:", en: "warning:" },
  of: { es: "de", en: "of" },
  percent: { es: "\u00a0%", en: "%" },
  units: {
    rows: { es: "filas", en: "rows" },
    files: { es: "ficheros", en: "files" },
    trees: { es: "árboles", en: "trees" },
    messages: { es: "mensajes", en: "messages" },
  },
} as const;

/** Where a number comes from. */
export const labelTexts = {
  measured: { es: "medido", en: "measured" },
  simulated: { es: "simulado", en: "simulated" },
  documented: { es: "documentado", en: "documented" },
} as const;
