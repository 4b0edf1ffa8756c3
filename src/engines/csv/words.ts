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

/** What a word is: its pairs as bits of {@link TRUTH_PAIRS} and its side, or a null word. */
export type KnownWord =
  | { readonly kind: "truth"; readonly pairs: number; readonly isTrue: boolean }
  | { readonly kind: "null" };

interface Candidate {
  readonly lower: Uint8Array;
  readonly exact: Uint8Array | undefined;
  readonly word: KnownWord;
}

const LONGEST_WORD = 10;

/** By length in bytes. Looked up for every cell of a column of truth values: no string is made of the bytes. */
const BY_LENGTH: readonly (readonly Candidate[])[] = candidates();

/** The word in `bytes[start, end)`; truth words ignore case, null words do not. */
export function knownWord(bytes: Uint8Array, start: number, end: number): KnownWord | undefined {
  const sameLength = BY_LENGTH[end - start];
  if (sameLength === undefined) return undefined;
  for (const candidate of sameLength) {
    if (
      candidate.exact === undefined
        ? isSameIgnoringCase(candidate.lower, bytes, start)
        : isSame(candidate.exact, bytes, start)
    ) {
      return candidate.word;
    }
  }
  return undefined;
}

function isSame(word: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[start + i]) return false;
  return true;
}

/** ASCII letters and í, which is 0xc3 0xad, and 0xc3 0x8d as a capital. */
function isSameIgnoringCase(lower: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < lower.length; i++) {
    const byte = bytes[start + i] ?? 0;
    const folded = (byte >= 65 && byte <= 90) || byte === 0x8d ? byte | 32 : byte;
    if (lower[i] !== folded) return false;
  }
  return true;
}

function candidates(): Candidate[][] {
  const truths = new Map<string, { kind: "truth"; pairs: number; isTrue: boolean }>();
  TRUTH_PAIRS.forEach((pair, index) => {
    for (const [side, isTrue] of [
      [pair.yes, true],
      [pair.no, false],
    ] as const) {
      for (const word of side) {
        truths.set(word, { kind: "truth", pairs: (truths.get(word)?.pairs ?? 0) | (1 << index), isTrue });
      }
    }
  });
  const byLength: Candidate[][] = Array.from({ length: LONGEST_WORD + 1 }, () => []);
  const put = (text: string, isExact: boolean, word: KnownWord): void => {
    const bytes = new TextEncoder().encode(text);
    byLength[bytes.length]?.push({ lower: bytes, exact: isExact ? bytes : undefined, word });
  };
  for (const [text, word] of truths) put(text, false, word);
  for (const text of NULL_WORDS) put(text, true, { kind: "null" });
  return byLength;
}
