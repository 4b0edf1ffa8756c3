import { grown, hashBytes, IntList, type StateColumn } from "./state-columns.ts";

/**
 * Keyed state in columns: a key's bytes lie in one arena, everything else in typed arrays by slot number, so that
 * a million keys are a dozen arrays and no objects. Open addressing with linear probing and backward-shift
 * deletion (Knuth, TAOCP 6.4, algorithm R); freed slots are used again.
 *
 * With `isMulti` a key holds several slots, chained, the newest first.
 */
export class StateSlots {
  /** Slots in use. */
  count = 0;
  /** One past the highest slot ever used. */
  end = 0;
  isLive: Uint8Array;
  hashes: Int32Array;
  arena: Uint8Array;
  offsets: Uint32Array;
  keyLengths: Int32Array;
  /** Bytes of a slot's entry: the key, then the row where there is one. */
  lengths: Int32Array;
  readonly columns: readonly StateColumn[];

  private readonly isMulti: boolean;
  private index: Int32Array;
  private keys = 0;
  private next: Int32Array;
  private previous: Int32Array;
  private arenaEnd = 0;
  private arenaGarbage = 0;
  private readonly free = new IntList();
  private isDirty: Uint8Array;
  private readonly dirty = new IntList();
  private readonly removed = new IntList();

  constructor(options: { readonly isMulti: boolean; readonly columns: readonly StateColumn[] }) {
    const capacity = 64;
    this.isMulti = options.isMulti;
    this.columns = options.columns;
    this.isLive = new Uint8Array(capacity);
    this.isDirty = new Uint8Array(capacity);
    this.hashes = new Int32Array(capacity);
    this.offsets = new Uint32Array(capacity);
    this.keyLengths = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
    this.next = new Int32Array(options.isMulti ? capacity : 0);
    this.previous = new Int32Array(options.isMulti ? capacity : 0);
    this.index = new Int32Array(capacity * 2);
    this.arena = new Uint8Array(1024);
    for (const column of this.columns) column.grow(capacity);
  }

  /** The key's (newest) slot; −1 when it has none. */
  find(bytes: Uint8Array, keyLength: number, hash: number): number {
    const position = this.positionOf(bytes, 0, keyLength, hash);
    return (this.index[position] ?? 0) - 1;
  }

  /** The key's next older slot; −1 at the end. */
  nextOf(slot: number): number {
    return this.isMulti ? (this.next[slot] ?? -1) : -1;
  }

  /** A new slot of `bytes[0, length)`, of which the first `keyLength` are the key. Its columns are empty. */
  insert(bytes: Uint8Array, keyLength: number, length: number, hash: number): number {
    const slot = this.free.pop() ?? this.end;
    this.place(slot, bytes, 0, keyLength, length, hash);
    this.touch(slot);
    return slot;
  }

  /** Marks a slot as changed since the last {@link clearChanges}. */
  touch(slot: number): void {
    if (this.isDirty[slot] === 1) return;
    this.isDirty[slot] = 1;
    this.dirty.push(slot);
  }

  remove(slot: number): void {
    this.unlink(slot);
    this.isLive[slot] = 0;
    this.count--;
    this.arenaGarbage += this.lengths[slot] ?? 0;
    this.free.push(slot);
    this.removed.push(slot);
    if (this.arenaGarbage > 1_048_576 && this.arenaGarbage * 2 > this.arenaEnd) this.compact();
  }

  /** Slots to write, and slots to free first, since the last {@link clearChanges}. */
  changes(): { readonly puts: Int32Array; readonly removes: Int32Array } {
    return {
      puts: this.dirty.values().filter((slot) => this.isLive[slot] === 1),
      removes: this.removed.values(),
    };
  }

  clearChanges(): void {
    for (const slot of this.dirty.values()) this.isDirty[slot] = 0;
    this.dirty.clear();
    this.removed.clear();
  }

  /** Every slot in use, ascending. */
  live(): Int32Array {
    const slots = new Int32Array(this.count);
    for (let slot = 0, i = 0; slot < this.end; slot++) if (this.isLive[slot] === 1) slots[i++] = slot;
    return slots;
  }

  /** Bytes held, dead space included. */
  get sizeBytes(): number {
    const arrays = [this.isLive, this.isDirty, this.hashes, this.arena, this.offsets, this.keyLengths];
    const own = [...arrays, this.lengths, this.index, this.next, this.previous];
    return (
      own.reduce((sum, array) => sum + array.byteLength, 0) +
      this.columns.reduce((sum, column) => sum + column.sizeBytes, 0)
    );
  }

  /** Puts an entry into this very slot: for what is read back from a checkpoint. */
  restore(slot: number, bytes: Uint8Array, from: number, keyLength: number, length: number): void {
    if (slot < this.end && this.isLive[slot] === 1) this.forget(slot);
    this.place(slot, bytes, from, keyLength, length, hashBytes(bytes, from, keyLength));
  }

  /** Frees a slot if it is in use: for what is read back from a checkpoint. */
  forget(slot: number): void {
    if (slot >= this.end || this.isLive[slot] !== 1) return;
    this.unlink(slot);
    this.isLive[slot] = 0;
    this.count--;
    this.arenaGarbage += this.lengths[slot] ?? 0;
  }

  /** After the last {@link restore}: finds the free slots again. */
  restored(): void {
    this.free.clear();
    while (this.end > 0 && this.isLive[this.end - 1] !== 1) this.end--;
    for (let slot = this.end - 1; slot >= 0; slot--) if (this.isLive[slot] !== 1) this.free.push(slot);
  }

  private place(
    slot: number,
    bytes: Uint8Array,
    from: number,
    keyLength: number,
    length: number,
    hash: number,
  ): void {
    if (slot >= this.hashes.length) this.grow(slot + 1);
    if (slot >= this.end) this.end = slot + 1;
    const offset = this.append(bytes, from, length);
    this.isLive[slot] = 1;
    this.count++;
    this.hashes[slot] = hash;
    this.offsets[slot] = offset;
    this.keyLengths[slot] = keyLength;
    this.lengths[slot] = length;
    for (const column of this.columns) column.reset(slot);
    if ((this.keys + 1) * 5 > this.index.length * 3) this.rehash(this.index.length * 2);
    const position = this.positionOf(bytes, from, keyLength, hash);
    const head = (this.index[position] ?? 0) - 1;
    if (this.isMulti) {
      this.next[slot] = head;
      this.previous[slot] = -1;
      if (head >= 0) this.previous[head] = slot;
    }
    if (head < 0) this.keys++;
    this.index[position] = slot + 1;
  }

  private unlink(slot: number): void {
    const older = this.isMulti ? (this.next[slot] ?? -1) : -1;
    const newer = this.isMulti ? (this.previous[slot] ?? -1) : -1;
    if (older >= 0) this.previous[older] = newer;
    if (newer >= 0) {
      this.next[newer] = older;
      return;
    }
    const mask = this.index.length - 1;
    let hole = (this.hashes[slot] ?? 0) & mask;
    while (this.index[hole] !== slot + 1) hole = (hole + 1) & mask;
    if (older >= 0) {
      this.index[hole] = older + 1;
      return;
    }
    this.keys--;
    for (let probe = (hole + 1) & mask; this.index[probe] !== 0; probe = (probe + 1) & mask) {
      const home = (this.hashes[(this.index[probe] ?? 0) - 1] ?? 0) & mask;
      // The entry may fill the hole unless its home lies after the hole, going round.
      if (((probe - home) & mask) >= ((probe - hole) & mask)) {
        this.index[hole] = this.index[probe] ?? 0;
        hole = probe;
      }
    }
    this.index[hole] = 0;
  }

  /** Where the key is in the index, or where it would go. */
  private positionOf(bytes: Uint8Array, from: number, keyLength: number, hash: number): number {
    const mask = this.index.length - 1;
    let position = hash & mask;
    for (;;) {
      const slot = (this.index[position] ?? 0) - 1;
      if (slot < 0) return position;
      if (this.hashes[slot] === hash && this.keyLengths[slot] === keyLength) {
        const offset = this.offsets[slot] ?? 0;
        let i = 0;
        while (i < keyLength && this.arena[offset + i] === bytes[from + i]) i++;
        if (i === keyLength) return position;
      }
      position = (position + 1) & mask;
    }
  }

  private append(bytes: Uint8Array, from: number, length: number): number {
    if (this.arenaEnd + length > this.arena.length) {
      const larger = new Uint8Array(Math.ceil((this.arenaEnd + length) * 1.5));
      larger.set(this.arena.subarray(0, this.arenaEnd));
      this.arena = larger;
    }
    const offset = this.arenaEnd;
    for (let i = 0; i < length; i++) this.arena[offset + i] = bytes[from + i] ?? 0;
    this.arenaEnd += length;
    return offset;
  }

  private compact(): void {
    const arena = new Uint8Array(Math.ceil((this.arenaEnd - this.arenaGarbage) * 1.25) + 1024);
    let end = 0;
    for (let slot = 0; slot < this.end; slot++) {
      if (this.isLive[slot] !== 1) continue;
      const offset = this.offsets[slot] ?? 0;
      const length = this.lengths[slot] ?? 0;
      arena.set(this.arena.subarray(offset, offset + length), end);
      this.offsets[slot] = end;
      end += length;
    }
    this.arena = arena;
    this.arenaEnd = end;
    this.arenaGarbage = 0;
  }

  private rehash(size: number): void {
    const index = new Int32Array(size);
    const mask = size - 1;
    for (const entry of this.index) {
      if (entry === 0) continue;
      let position = (this.hashes[entry - 1] ?? 0) & mask;
      while (index[position] !== 0) position = (position + 1) & mask;
      index[position] = entry;
    }
    this.index = index;
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, Math.ceil(this.hashes.length * 1.5));
    this.isLive = grown(this.isLive, new Uint8Array(capacity));
    this.isDirty = grown(this.isDirty, new Uint8Array(capacity));
    this.hashes = grown(this.hashes, new Int32Array(capacity));
    this.offsets = grown(this.offsets, new Uint32Array(capacity));
    this.keyLengths = grown(this.keyLengths, new Int32Array(capacity));
    this.lengths = grown(this.lengths, new Int32Array(capacity));
    if (this.isMulti) {
      this.next = grown(this.next, new Int32Array(capacity));
      this.previous = grown(this.previous, new Int32Array(capacity));
    }
    for (const column of this.columns) column.grow(capacity);
  }
}

export * from "./state-columns.ts";
