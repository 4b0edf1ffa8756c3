/** Words around errors. */
export const errorTexts = {
  error: { es: "Error", en: "Error" },
} as const;
