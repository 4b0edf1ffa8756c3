/** Words around errors. */
export const errorTexts = {
  error: { es: "Error", en: "Error" },
  bug: { es: "Esto es un fallo de taller, no tuyo:", en: "This is a bug of taller, not yours:" },
  report: {
    es: "Si lo cuentas, incluye estas líneas y qué hiciste antes:",
    en: "If you report it, include these lines and what you did before:",
  },
  debug: { es: "con --debug sale la traza", en: "--debug shows the stack" },
  cause: { es: "causado por:", en: "caused by:" },
} as const;
