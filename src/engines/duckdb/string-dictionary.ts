/**
 * Distinct strings and their codes. Short ones are found by their four words in DuckDB's memory, by open
 * addressing, so that a repeated value is never decoded again; long ones by their text.
 */
export class StringDictionary {
  readonly texts: string[] = [];
  readonly #codeByText = new Map<string, number>();
  /** Per slot five numbers: code + 1 (0 = free) and the words. */
  #slots = new Uint32Array(5 * 256);
  #slotCount = 256;
  #used = 0;

  get size(): number {
    return this.texts.length;
  }

  codeOfText(text: string): number {
    const known = this.#codeByText.get(text);
    if (known !== undefined) return known;
    const code = this.texts.push(text) - 1;
    this.#codeByText.set(text, code);
    return code;
  }

  /** `decode` is called the first time these words are seen. */
  codeOfWords(w0: number, w1: number, w2: number, w3: number, decode: () => string): number {
    const slots = this.#slots;
    let slot = hash(w0, w1, w2, w3) & (this.#slotCount - 1);
    for (;;) {
      const at = slot * 5;
      const stored = slots[at] ?? 0;
      if (stored === 0) break;
      if (slots[at + 1] === w0 && slots[at + 2] === w1 && slots[at + 3] === w2 && slots[at + 4] === w3) {
        return stored - 1;
      }
      slot = (slot + 1) & (this.#slotCount - 1);
    }
    const code = this.codeOfText(decode());
    slots.set([code + 1, w0, w1, w2, w3], slot * 5);
    if (++this.#used * 2 > this.#slotCount) this.#grow();
    return code;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slotCount *= 4;
    this.#slots = new Uint32Array(5 * this.#slotCount);
    for (let at = 0; at < old.length; at += 5) {
      if (old[at] === 0) continue;
      const words = old.subarray(at, at + 5);
      let slot = hash(words[1] ?? 0, words[2] ?? 0, words[3] ?? 0, words[4] ?? 0) & (this.#slotCount - 1);
      while (this.#slots[slot * 5] !== 0) slot = (slot + 1) & (this.#slotCount - 1);
      this.#slots.set(words, slot * 5);
    }
  }
}

/** Multiplicative mixing of four words (constants of MurmurHash3's 32-bit finaliser). */
function hash(w0: number, w1: number, w2: number, w3: number): number {
  let h = Math.imul(w0 ^ Math.imul(w1, 0x85ebca6b), 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 15)) + w2, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13)) + w3, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
