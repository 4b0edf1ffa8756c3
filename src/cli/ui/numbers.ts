import type { Lang } from "../../core/text.ts";

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

/** `3 ms`, `0,34 s`, `9,8 s`, `2 min 05 s`, `1 h 12 min`. */
export function formatSeconds(seconds: number, lang: Lang): string {
  if (seconds < 0.01) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 60) return `${formatNumber(seconds, lang, { decimals: seconds < 9.95 ? 2 : 1 })} s`;
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

/** `812 B`, `14,9 kB`, `231,4 MB`: powers of 1000, as disks are sold and `ls --si` counts. */
export function formatBytes(bytes: number, lang: Lang): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${formatNumber(value, lang, { decimals: unit === 0 ? 0 : 1 })} ${units[unit] ?? "B"}`;
}

/** `1 fila`, `5 filas`: the count with its noun. */
export function formatCount(
  count: number,
  noun: Readonly<Record<Lang, readonly [one: string, many: string]>>,
  lang: Lang,
): string {
  return `${formatNumber(count, lang)} ${noun[lang][count === 1 ? 0 : 1]}`;
}
