/** Words of `taller services` and of the doctor's lines on them. */
export const serviceTexts = {
  starting: { es: "Arrancando los servicios", en: "Starting the services" },
  origins: {
    embedded: { es: "incluido", en: "included" },
    real: { es: "real", en: "real" },
  },
  states: {
    embedded: { es: "incluido, en marcha", en: "included, running" },
    real: { es: "real, responde", en: "real, it answers" },
    unreachable: { es: "real, NO RESPONDE", en: "real, NO ANSWER" },
    stopped: {
      es: "incluido, parado: arranca cuando hace falta",
      en: "included, not running: it starts when needed",
    },
  },
  useIncluded: {
    es: (variable: string) => `para usar el incluido:   unset ${variable}`,
    en: (variable: string) => `to use the one that is included:   unset ${variable}`,
  },
  untilCtrlC: {
    es: "En marcha hasta Ctrl-C; si otra orden los usa entonces, hasta que acabe.",
    en: "Running until Ctrl-C; when another command uses them by then, until it ends.",
  },
} as const;
