import type { Text } from "../../core/text.ts";
import type { Misfit } from "./column-profile.ts";

const at = (misfit: Misfit): Text => ({
  es: `línea ${misfit.line}: «${misfit.text}»`,
  en: `line ${misfit.line}: "${misfit.text}"`,
});

export function leadingZeros(misfit: Misfit): Text {
  return {
    es: `Queda como texto: hay ceros a la izquierda, y un número los perdería (${at(misfit).es}).`,
    en: `Stays text: there are leading zeros, and a number would lose them (${at(misfit).en}).`,
  };
}

export function phone(misfit: Misfit): Text {
  return {
    es: `Queda como texto: parecen teléfonos (${at(misfit).es}).`,
    en: `Stays text: these look like telephone numbers (${at(misfit).en}).`,
  };
}

export function bareExponent(misfit: Misfit): Text {
  return {
    es: `Queda como texto: parece un código más que un exponente (${at(misfit).es}).`,
    en: `Stays text: it looks like a code more than an exponent (${at(misfit).en}).`,
  };
}

export function shortYear(misfit: Misfit): Text {
  return {
    es: `Queda como texto: el año tiene dos cifras y no dice el siglo (${at(misfit).es}).`,
    en: `Stays text: the year has two digits and does not say the century (${at(misfit).en}).`,
  };
}

export function offset(misfit: Misfit): Text {
  return {
    es: `Queda como texto: la hora lleva un desfase con UTC que no es cero (${at(misfit).es}).`,
    en: `Stays text: the time has an offset from UTC that is not zero (${at(misfit).en}).`,
  };
}

export function lateChange(input: {
  readonly misfit: Misfit;
  readonly was: "number" | "date" | "truth";
  readonly misfits: number;
  readonly fits: number;
  readonly isCounted: boolean;
}): Text {
  const { misfit, misfits, fits } = input;
  const es = { number: "un número", date: "una fecha", truth: "un sí o no" }[input.was];
  const en = { number: "a number", date: "a date", truth: "a yes or no" }[input.was];
  const counted = input.isCounted && fits >= misfits;
  return {
    es: `Queda como texto: en la ${at(misfit).es} no es ${es}${
      counted ? `; no encajan ${misfits} de ${fits + misfits} valores` : ""
    }.`,
    en: `Stays text: on ${at(misfit).en} is not ${en}${
      counted ? `; ${misfits} of ${fits + misfits} values don't fit` : ""
    }.`,
  };
}

export function nullWords(words: readonly string[]): Text {
  const list = words.map((word) => `"${word}"`).join(", ");
  return { es: `Cuentan como «sin valor»: ${list}.`, en: `Count as "no value": ${list}.` };
}

export function beyondInt64(): Text {
  return {
    es: "Queda como texto: hay enteros que no caben en 64 bits.",
    en: "Stays text: there are integers that don't fit in 64 bits.",
  };
}

export function tooPrecise(): Text {
  return {
    es: "Queda como texto: hay más cifras de las que guarda un número de 64 bits.",
    en: "Stays text: there are more digits than a 64-bit number keeps.",
  };
}

export function groupedCode(): Text {
  return {
    es: "Queda como texto: grupos de tres cifras, todos igual de largos; parece un código o un teléfono.",
    en: "Stays text: groups of three digits, all of one length; it looks like a code or a telephone number.",
  };
}

export function ambiguousNumber(): Text {
  return {
    es: "Queda como texto: 1.234 (o 1,234) puede ser mil o uno y pico, y nada lo aclara. Dilo con format.",
    en: "Stays text: 1.234 (or 1,234) can be a thousand or one and a bit, and nothing settles it. Say it with format.",
  };
}

export function ambiguousDate(): Text {
  return {
    es: "Queda como texto: ninguna fecha dice si va antes el día o el mes. Dilo con format: dd/mm/yyyy o mm/dd/yyyy.",
    en: "Stays text: no date says whether day or month comes first. Say it with format: dd/mm/yyyy or mm/dd/yyyy.",
  };
}

export function habitComma(): Text {
  return {
    es: "La coma es el separador decimal, como en otras columnas del fichero.",
    en: "The comma is the decimal separator, as in other columns of the file.",
  };
}

export function habitPoint(): Text {
  return {
    es: "El punto es el separador decimal, como en otras columnas del fichero.",
    en: "The point is the decimal separator, as in other columns of the file.",
  };
}

export function pointAssumed(): Text {
  return {
    es: "Se lee el punto como decimal: 1.234 es uno y pico. Si separa los miles, dilo con format: 1.234,56.",
    en: "The point is read as decimal: 1.234 is one and a bit. If it groups thousands, say so with format: 1.234,56.",
  };
}
