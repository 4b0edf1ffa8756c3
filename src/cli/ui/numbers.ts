import { formatNumber } from "../../core/numbers.ts";
import type { Lang } from "../../core/text.ts";

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
