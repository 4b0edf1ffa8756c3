import { join } from "node:path";
import { z } from "zod";
import type { Flusher } from "../flusher.ts";
import { StateLog } from "../state-log.ts";

const committedSchema = z.object({
  offset: z.number(),
  leaderEpoch: z.number(),
  metadata: z.string(),
});

/** A position that a group has stored: the offset to go on from. */
export type CommittedOffset = z.infer<typeof committedSchema>;

export interface PartitionOffset extends CommittedOffset {
  readonly topic: string;
  readonly partition: number;
}

const keySchema = z.tuple([z.string(), z.string(), z.number()]);

/** The committed offsets of all groups; what `commit` has taken survives a kill. */
export class CommittedOffsets {
  readonly #state: StateLog;
  readonly #flusher: Flusher;
  readonly #byGroup = new Map<string, Map<string, PartitionOffset>>();

  constructor(folder: string, flusher: Flusher) {
    this.#state = new StateLog(join(folder, "offsets.state"));
    this.#flusher = flusher;
    for (const [key, value] of this.#state.entries()) {
      const [group, topic, partition] = keySchema.parse(JSON.parse(key));
      this.#remember(group, { topic, partition, ...committedSchema.parse(value) });
    }
  }

  groups(): string[] {
    return [...this.#byGroup.keys()];
  }

  has(group: string): boolean {
    return this.#byGroup.has(group);
  }

  commit(group: string, offsets: readonly PartitionOffset[]): void {
    if (offsets.length === 0) return;
    this.#put(
      offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) => [
        keyOf(group, topic, partition),
        { offset, leaderEpoch, metadata },
      ]),
    );
    for (const one of offsets) this.#remember(group, one);
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#byGroup.get(group)?.get(placeOf(topic, partition));
  }

  /** All of a group, in no order. */
  all(group: string): PartitionOffset[] {
    return [...(this.#byGroup.get(group)?.values() ?? [])];
  }

  remove(group: string, which: (offset: PartitionOffset) => boolean): void {
    const offsets = this.all(group).filter(which);
    if (offsets.length === 0) return;
    this.#put(offsets.map(({ topic, partition }) => [keyOf(group, topic, partition), undefined]));
    const left = this.#byGroup.get(group);
    for (const { topic, partition } of offsets) left?.delete(placeOf(topic, partition));
    if (left?.size === 0) this.#byGroup.delete(group);
  }

  /** Forgets the positions in a topic that is gone: one made anew under its name begins afresh. */
  removeTopic(topic: string): void {
    for (const group of this.groups()) this.remove(group, (offset) => offset.topic === topic);
  }

  close(): void {
    this.#state.close();
  }

  #put(changes: readonly (readonly [string, unknown])[]): void {
    this.#state.put(changes);
    this.#flusher.wrote(this.#state.path);
  }

  #remember(group: string, offset: PartitionOffset): void {
    let offsets = this.#byGroup.get(group);
    if (offsets === undefined) {
      offsets = new Map();
      this.#byGroup.set(group, offsets);
    }
    offsets.set(placeOf(offset.topic, offset.partition), offset);
  }
}

function keyOf(group: string, topic: string, partition: number): string {
  return JSON.stringify([group, topic, partition]);
}

function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
