/** A column of state beside the keys, one value a slot. */
export interface StateColumn {
  readonly kind: "number" | "flag" | "text";
  readonly sizeBytes: number;
  grow(capacity: number): void;
  /** Empties a slot that is taken anew. */
  reset(slot: number): void;
}

/** Doubles, 0 when empty. */
export class NumberColumn implements StateColumn {
  readonly kind = "number";
  values = new Float64Array(0);
  grow(capacity: number): void {
    this.values = grown(this.values, new Float64Array(capacity));
  }
  reset(slot: number): void {
    this.values[slot] = 0;
  }
  get sizeBytes(): number {
    return this.values.byteLength;
  }
}

/** Truths, 0 when empty. */
export class FlagColumn implements StateColumn {
  readonly kind = "flag";
  values = new Uint8Array(0);
  grow(capacity: number): void {
    this.values = grown(this.values, new Uint8Array(capacity));
  }
  reset(slot: number): void {
    this.values[slot] = 0;
  }
  get sizeBytes(): number {
    return this.values.byteLength;
  }
}

/** Texts, "" when empty; their bytes are estimated. */
export class TextColumn implements StateColumn {
  readonly kind = "text";
  values: string[] = [];
  grow(capacity: number): void {
    while (this.values.length < capacity) this.values.push("");
  }
  reset(slot: number): void {
    this.values[slot] = "";
  }
  get sizeBytes(): number {
    return this.values.reduce((sum, text) => sum + 16 + text.length, 0);
  }
}

/** A growing list of slot numbers. */
export class IntList {
  length = 0;
  private items = new Int32Array(64);
  push(value: number): void {
    if (this.length === this.items.length) this.items = grown(this.items, new Int32Array(this.length * 2));
    this.items[this.length++] = value;
  }
  pop(): number | undefined {
    return this.length === 0 ? undefined : this.items[--this.length];
  }
  clear(): void {
    this.length = 0;
    if (this.items.length > 65_536) this.items = new Int32Array(64);
  }
  /** A view, valid until the next push. */
  values(): Int32Array {
    return this.items.subarray(0, this.length);
  }
}

/** FNV-1a over some bytes, mixed once more so that the low bits are good (murmur3's finaliser). */
export function hashBytes(bytes: Uint8Array, from: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < from + length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The larger array with the smaller one's values at its begin. */
export function grown<T extends Uint8Array | Int32Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
