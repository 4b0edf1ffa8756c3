import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isControl } from "../../protocol/record-batch.ts";
import { readMarker } from "./marker.ts";
import { Producers } from "./producers.ts";
import type { Segment } from "./segment.ts";

const SNAPSHOT = /^(\d{20})\.snapshot$/;

const snapshotSchema = z.object({
  producers: z.array(
    z.tuple([
      z.number(),
      z.object({
        epoch: z.number(),
        lastTimestamp: z.number(),
        batches: z.array(
          z.object({ firstSequence: z.number(), lastSequence: z.number(), firstOffset: z.number() }),
        ),
        openSince: z.number().optional(),
      }),
    ]),
  ),
  aborted: z.array(z.object({ producerId: z.number(), firstOffset: z.number(), lastOffset: z.number() })),
});

/**
 * The producers of a log with their snapshots, `<offset>.snapshot`: what they were when the log ended there. A start
 * takes the last one and reads the batches' headers after it.
 */
export class ProducerHistory {
  readonly producers = new Producers();
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static open(folder: string, segments: readonly Segment[]): ProducerHistory {
    const history = new ProducerHistory(folder);
    const end = segments.at(-1)?.endOffset ?? 0;
    const from = history.#restore(end);
    for (const segment of segments) if (segment.endOffset > from) history.#replay(segment, from);
    return history;
  }

  /** Writes a snapshot as of the log's end, and removes the older ones. */
  save(endOffset: number): void {
    const path = join(this.#folder, `${String(endOffset).padStart(20, "0")}.snapshot`);
    writeFileSync(`${path}.tmp`, JSON.stringify(this.producers.snapshot()));
    renameSync(`${path}.tmp`, path);
    for (const { offset, name } of this.#snapshots())
      if (offset < endOffset) rmSync(join(this.#folder, name), { force: true });
  }

  #snapshots(): { offset: number; name: string }[] {
    return readdirSync(this.#folder)
      .map((name) => ({ name, digits: SNAPSHOT.exec(name)?.[1] }))
      .filter(({ digits }) => digits !== undefined)
      .map(({ name, digits }) => ({ name, offset: Number(digits) }))
      .sort((a, b) => a.offset - b.offset);
  }

  /** Takes the last snapshot that the log reaches to; gives its offset, 0 without one. */
  #restore(endOffset: number): number {
    for (const { name, offset } of this.#snapshots().reverse()) {
      const path = join(this.#folder, name);
      // One past the end knows records that a crash of the machine took.
      if (offset <= endOffset) {
        const parsed = snapshotSchema.safeParse(parseJson(readFileSync(path, "utf8")));
        if (parsed.success) {
          this.producers.restore({
            aborted: parsed.data.aborted,
            producers: parsed.data.producers.map(([id, producer]) => [
              id,
              { ...producer, openSince: producer.openSince },
            ]),
          });
          return offset;
        }
      }
      rmSync(path, { force: true });
    }
    return 0;
  }

  #replay(segment: Segment, from: number): void {
    const first = segment.find(from);
    if (first === undefined) return;
    for (const { position, header } of segment.walk(first.position)) {
      if (header.producerId < 0) continue;
      if (!isControl(header)) {
        this.producers.appended(header);
        continue;
      }
      const batch = Buffer.allocUnsafe(header.sizeBytes);
      segment.readInto(batch, position, batch.length);
      this.producers.appended(header, readMarker(batch) ?? "abort");
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
