/** The two languages of every learner-facing text. */
export const LANGS = ["es", "en"] as const;
export type Lang = (typeof LANGS)[number];

/** One learner-facing text in both languages; a lower layer carries it, `cli` picks the language. */
export interface Text {
  readonly es: string;
  readonly en: string;
}

/** The text in one language. */
export function inLang(text: Text, lang: Lang): string {
  return text[lang];
}

/** A text that is the same in both languages: a path, an identifier, another program's own words. */
export function verbatim(value: string): Text {
  return { es: value, en: value };
}
