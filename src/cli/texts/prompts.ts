/** Words of the questions that a terminal is asked. */
export const promptTexts = {
  yes: { es: "Sí", en: "Yes" },
  no: { es: "No", en: "No" },
  yesOrNo: { es: "Responde sí (s) o no (n).", en: "Answer yes (y) or no (n)." },
} as const;
