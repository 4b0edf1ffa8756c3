import type { Lang } from "../core/text.ts";

/**
 * The language before anything else is known: `--lang`, `TALLER_LANG`, the saved choice, the locale
 * (`C` and `POSIX` count as unset), Spanish.
 */
export function chooseLang(options: {
  readonly flag?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly saved?: string | undefined;
}): Lang {
  const named = [options.flag, options.env.TALLER_LANG, options.saved].find(
    (value) => value !== undefined && value !== "",
  );
  if (named !== undefined) return named.toLowerCase().startsWith("en") ? "en" : "es";
  const locale = [options.env.LC_ALL, options.env.LC_MESSAGES, options.env.LANG].find((value) =>
    isSet(value),
  );
  if (locale === undefined) return "es";
  return locale.toLowerCase().startsWith("es") ? "es" : "en";
}

function isSet(value: string | undefined): boolean {
  if (value === undefined || value === "") return false;
  const name = value.split(".")[0]?.toUpperCase();
  return name !== "C" && name !== "POSIX";
}
