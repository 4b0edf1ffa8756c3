import type { Lang, Text } from "./text.ts";

/** No-break space: a number is never parted at a line's end. */
const groupSeparator = { es: "\u00a0", en: "," } as const;
const decimalSeparator = { es: ",", en: "." } as const;

export interface NumberForm {
  /** Digits after the point; default as many as the value needs, at most six. */
  readonly decimals?: number | undefined;
  /** Default true. False for ids and years. */
  readonly isGrouped?: boolean | undefined;
}

/** `1 234,5` in Spanish, `1,234.5` in English. NaN and infinities are named as they are. */
export function formatNumber(value: number | bigint, lang: Lang, form: NumberForm = {}): string {
  if (typeof value === "bigint") return localizeDigits(value.toString(), lang, form.isGrouped);
  if (!Number.isFinite(value)) return String(value);
  const decimals = form.decimals ?? decimalsNeeded(value);
  const fixed = value.toFixed(decimals);
  const isLostToZero = value !== 0 && Number(fixed) === 0;
  const isTooLong = Math.abs(value) >= 1e21;
  if (isLostToZero || isTooLong) {
    const exponent = Number(value.toPrecision(2)).toExponential();
    return exponent.replace(".", decimalSeparator[lang]);
  }
  return localizeDigits(fixed, lang, form.isGrouped);
}

/** Turns a plain number's text (`-1234.50`) into the locale's form; the digits stay as they are. */
export function localizeDigits(plain: string, lang: Lang, isGrouped = true): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain);
  if (match === null) return plain;
  const [, sign = "", whole = "", fraction] = match;
  const grouped = isGrouped ? whole.replace(/\B(?=(\d{3})+$)/g, groupSeparator[lang]) : whole;
  return sign + grouped + (fraction === undefined ? "" : decimalSeparator[lang] + fraction);
}

/** Digits after the point that tell this value from its neighbours to nine figures; fewer for large values. */
export function decimalsNeeded(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return 0;
  const size = Math.abs(value);
  const cap = size < 1 ? 6 : size < 100 ? 4 : 2;
  for (let decimals = 0; decimals < cap; decimals++) {
    if (Math.abs(Number(value.toFixed(decimals)) - value) <= size * 1e-9) return decimals;
  }
  return cap;
}

/** A number in both languages, for a text that has one. */
export function numberText(value: number | bigint, form: NumberForm = {}): Text {
  return { es: formatNumber(value, "es", form), en: formatNumber(value, "en", form) };
}
