/** What a listing says of an object. */
export interface ObjectSummary {
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

/**
 * The keys of a bucket in the order of their bytes, as byte strings (key-name.ts). A summary is kept once it is
 * known: names come from the folder at once, summaries when they are first asked for.
 */
export class KeyIndex {
  readonly #summaries = new Map<string, ObjectSummary | undefined>();
  #sorted: string[] = [];
  /** Loading appends; the first search sorts. */
  #isSorted = true;

  get size(): number {
    return this.#summaries.size;
  }

  has(key: string): boolean {
    return this.#summaries.has(key);
  }

  summary(key: string): ObjectSummary | undefined {
    return this.#summaries.get(key);
  }

  /** Adds a key that was found in the folder; many at once cost one sort. */
  load(key: string): void {
    if (this.#summaries.has(key)) return;
    this.#summaries.set(key, undefined);
    this.#sorted.push(key);
    this.#isSorted = false;
  }

  set(key: string, summary: ObjectSummary): void {
    if (!this.#summaries.has(key)) this.#sorted.splice(this.seek(key), 0, key);
    this.#summaries.set(key, summary);
  }

  delete(key: string): void {
    if (!this.#summaries.delete(key)) return;
    this.#sorted.splice(this.seek(key), 1);
  }

  at(position: number): string | undefined {
    if (!this.#isSorted) this.#sort();
    return this.#sorted[position];
  }

  /** The position of the first key that is not before this one. */
  seek(key: string): number {
    if (!this.#isSorted) this.#sort();
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): void {
    this.#sorted.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.#isSorted = true;
  }
}
