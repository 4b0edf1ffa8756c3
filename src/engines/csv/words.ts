/** Texts that say "no value" in a column of numbers, dates or truth values; in a column of text they are text. */
export const NULL_WORDS: ReadonlySet<string> = new Set([
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "NULL",
  "Null",
  "null",
  "None",
  "none",
  "NaN",
  "nan",
  "-",
  "--",
  "?",
  ".",
  "\\N",
]);

export interface TruthPair {
  /** As it stands in a schema file. */
  readonly format: string;
  readonly yes: readonly string[];
  readonly no: readonly string[];
  /** One side alone is enough to be sure: nothing else is written so. */
  readonly isCertain: boolean;
}

/** The ways in which yes and no are written; lower case. */
export const TRUTH_PAIRS: readonly TruthPair[] = [
  { format: "true/false", yes: ["true"], no: ["false"], isCertain: true },
  { format: "yes/no", yes: ["yes"], no: ["no"], isCertain: false },
  { format: "sí/no", yes: ["sí", "si"], no: ["no"], isCertain: false },
  { format: "verdadero/falso", yes: ["verdadero"], no: ["falso"], isCertain: true },
  { format: "t/f", yes: ["t"], no: ["f"], isCertain: false },
  { format: "y/n", yes: ["y"], no: ["n"], isCertain: false },
  { format: "s/n", yes: ["s"], no: ["n"], isCertain: false },
];

export const ALL_PAIRS = (1 << TRUTH_PAIRS.length) - 1;

/** Word → the pairs that it belongs to, as bits, and its side. */
export const TRUTH_WORDS: ReadonlyMap<string, { readonly pairs: number; readonly isTrue: boolean }> =
  truthWords();

function truthWords(): Map<string, { pairs: number; isTrue: boolean }> {
  const words = new Map<string, { pairs: number; isTrue: boolean }>();
  TRUTH_PAIRS.forEach((pair, index) => {
    for (const [side, isTrue] of [
      [pair.yes, true],
      [pair.no, false],
    ] as const) {
      for (const word of side) {
        words.set(word, { pairs: (words.get(word)?.pairs ?? 0) | (1 << index), isTrue });
      }
    }
  });
  return words;
}
