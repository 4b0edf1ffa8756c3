import { type BatchHeader, isControl, isTransactional } from "../../protocol/record-batch.ts";

/** How many of a producer's last batches are remembered, to tell a repeated one (KIP-98; a producer has at most five requests on their way). */
const REMEMBERED_BATCHES = 5;
const SEQUENCES = 2 ** 31;

interface RememberedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstOffset: number;
}

interface Producer {
  epoch: number;
  lastTimestamp: number;
  batches: RememberedBatch[];
  /** The first offset of its open transaction here. */
  openSince: number | undefined;
}

/** A transaction that was aborted: its records lie in [firstOffset, lastOffset], where lastOffset is its marker's. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** What is to be done with a batch of an idempotent producer. */
export type SequenceVerdict =
  | { readonly kind: "next" }
  | { readonly kind: "repeated"; readonly firstOffset: number }
  | { readonly kind: "gap" }
  | { readonly kind: "fenced" };

/** What a file holds of {@link Producers}. */
export interface ProducersSnapshot {
  readonly producers: readonly (readonly [number, Producer])[];
  readonly aborted: readonly AbortedTransaction[];
}

/** The idempotent and transactional producers of one partition (KIP-98), as its log says. */
export class Producers {
  readonly #byId = new Map<number, Producer>();
  readonly #open = new Map<number, number>();
  #aborted: AbortedTransaction[] = [];

  /** Judges a batch before it is appended. A producer that is not known may begin anywhere (KIP-360). */
  judge(header: BatchHeader): SequenceVerdict {
    const producer = this.#byId.get(header.producerId);
    if (producer === undefined) return { kind: "next" };
    if (header.producerEpoch < producer.epoch) return { kind: "fenced" };
    const first = header.baseSequence;
    if (header.producerEpoch > producer.epoch) return first === 0 ? { kind: "next" } : { kind: "gap" };
    const lastSequence = lastSequenceOf(header);
    const same = producer.batches.find(
      (one) => one.firstSequence === first && one.lastSequence === lastSequence,
    );
    if (same !== undefined) return { kind: "repeated", firstOffset: same.firstOffset };
    const last = producer.batches.at(-1);
    if (last === undefined) return { kind: "next" };
    return first === (last.lastSequence + 1) % SEQUENCES ? { kind: "next" } : { kind: "gap" };
  }

  /** Takes note of a batch that stands in the log: appended now, or read again at a start. */
  appended(header: BatchHeader, marker?: "commit" | "abort"): void {
    if (header.producerId < 0) return;
    let producer = this.#byId.get(header.producerId);
    if (producer === undefined || header.producerEpoch > producer.epoch) {
      const openSince = producer?.openSince;
      producer = { epoch: header.producerEpoch, lastTimestamp: 0, batches: [], openSince };
      this.#byId.set(header.producerId, producer);
    }
    producer.lastTimestamp = Math.max(producer.lastTimestamp, header.maxTimestamp);
    if (isControl(header)) {
      this.#ended(header, producer, marker ?? "abort");
      return;
    }
    producer.batches.push({
      firstSequence: header.baseSequence,
      lastSequence: lastSequenceOf(header),
      firstOffset: header.baseOffset,
    });
    if (producer.batches.length > REMEMBERED_BATCHES) producer.batches.shift();
    if (isTransactional(header) && producer.openSince === undefined) {
      producer.openSince = header.baseOffset;
      this.#open.set(header.producerId, header.baseOffset);
    }
  }

  /** The first offset of the oldest open transaction, or undefined: what comes before it is decided. */
  firstOpenOffset(): number | undefined {
    let first: number | undefined;
    for (const offset of this.#open.values()) if (first === undefined || offset < first) first = offset;
    return first;
  }

  isOpen(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  epochOf(producerId: number): number | undefined {
    return this.#byId.get(producerId)?.epoch;
  }

  /** The aborted transactions that touch [from, to), in the order of their first offsets. */
  abortedIn(from: number, to: number): AbortedTransaction[] {
    // Ordered by last offset: most reads are near the end, so the search begins there.
    const found: AbortedTransaction[] = [];
    for (let i = this.#aborted.length - 1; i >= 0; i--) {
      const one = this.#aborted[i];
      if (one === undefined || one.lastOffset < from) break;
      if (one.firstOffset < to) found.push(one);
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Forgets what lies before the log's start, and producers that have been silent since a time and have nothing open. */
  forget(logStartOffset: number, silentSince: number): void {
    if (this.#aborted.some(({ lastOffset }) => lastOffset < logStartOffset))
      this.#aborted = this.#aborted.filter(({ lastOffset }) => lastOffset >= logStartOffset);
    for (const [id, { lastTimestamp, openSince }] of this.#byId)
      if (openSince === undefined && lastTimestamp < silentSince) this.#byId.delete(id);
  }

  snapshot(): ProducersSnapshot {
    return { producers: [...this.#byId], aborted: this.#aborted };
  }

  restore(snapshot: ProducersSnapshot): void {
    this.#byId.clear();
    this.#open.clear();
    for (const [id, producer] of snapshot.producers) {
      this.#byId.set(id, { ...producer, batches: [...producer.batches] });
      if (producer.openSince !== undefined) this.#open.set(id, producer.openSince);
    }
    this.#aborted = [...snapshot.aborted];
  }

  #ended(header: BatchHeader, producer: Producer, marker: "commit" | "abort"): void {
    const { producerId } = header;
    if (producer.openSince !== undefined && marker === "abort")
      this.#aborted.push({ producerId, firstOffset: producer.openSince, lastOffset: header.baseOffset });
    producer.openSince = undefined;
    this.#open.delete(producerId);
  }
}

function lastSequenceOf(header: BatchHeader): number {
  return (header.baseSequence + header.recordCount - 1) % SEQUENCES;
}
