import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DEFAULT_LOG_SETTINGS,
  type LogSettings,
} from "../../../../../src/services/kafka/embedded/log/log-settings.ts";
import { OpenFiles } from "../../../../../src/services/kafka/embedded/log/open-files.ts";
import { PartitionLog } from "../../../../../src/services/kafka/embedded/log/partition-log.ts";
import { batchCrc, readBatchHeader } from "../../../../../src/services/kafka/protocol/record-batch.ts";
import { decodeRecords } from "../../../../../src/services/kafka/protocol/record-columns.ts";
import { append, batchOf } from "../../batches.ts";
import { textsOf } from "../../columns.ts";
import { withFolder } from "../../folder.ts";

const small: LogSettings = { ...DEFAULT_LOG_SETTINGS, segmentBytes: 2_000 };

function open(folder: string, settings = DEFAULT_LOG_SETTINGS): PartitionLog {
  return PartitionLog.open({ folder, files: new OpenFiles(3), settings });
}

/** Every value from an offset on, as consumers read it: fetch after fetch. */
function readAll(
  log: PartitionLog,
  from: number,
  maxBytes: number,
): { offset: number; value: string | null }[] {
  const rows: { offset: number; value: string | null }[] = [];
  let next = from;
  while (next < log.endOffset) {
    const found = log.locate({ offset: next, maxBytes, isWholeFirst: true, upTo: log.endOffset });
    if (found === undefined) throw new Error(`nothing at ${next}`);
    const bytes = Buffer.alloc(found.length);
    found.segment.readInto(bytes, found.position, found.length);
    for (let at = 0; at + 61 <= bytes.length; ) {
      const header = readBatchHeader(bytes, at);
      if (at + header.sizeBytes > bytes.length) break;
      expect(batchCrc(bytes, at, header.sizeBytes)).toBe(header.crc);
      const columns = decodeRecords(bytes, at);
      if (columns === undefined) throw new Error("not decoded");
      textsOf(columns.bytes, columns.valueStarts, columns.valueEnds).forEach((value, row) => {
        const offset = columns.offsets[row] ?? -1;
        if (offset >= from) rows.push({ offset, value });
      });
      next = header.lastOffset + 1;
      at += header.sizeBytes;
    }
    expect(found.endOffset).toBeGreaterThanOrEqual(next);
  }
  return rows;
}

describe("a partition's log", () => {
  it("gives back what was appended, from any offset, in pieces of any size, before and after it is opened anew", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ maxLength: 90 }), { minLength: 1, maxLength: 8 }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 9_000 }),
        fc.nat(),
        fc.boolean(),
        (batches, maxBytes, start, closed) => {
          withFolder((folder) => {
            const log = open(folder, small);
            const rows = batches.flat().map((value, offset) => ({ offset, value }));
            let expected = 0;
            for (const values of batches) {
              expect(append(log, batchOf(values))).toBe(expected);
              expected += values.length;
            }
            const from = start % rows.length;
            expect(readAll(log, from, maxBytes)).toEqual(rows.slice(from));
            if (closed) log.close();
            const again = open(folder, small);
            expect(again.cutBytes).toBe(0);
            expect(readAll(again, from, maxBytes)).toEqual(rows.slice(from));
            expect(append(again, batchOf(["next"]))).toBe(rows.length);
            again.close();
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("finds the first record at or after a time, and the latest one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 0, max: 70 }),
        fc.boolean(),
        (batches, time, closed) => {
          withFolder((folder) => {
            let log = open(folder, small);
            for (const timestamps of batches)
              append(
                log,
                batchOf(
                  timestamps.map(() => "a value of some length, so that segments fill"),
                  { timestamps },
                ),
              );
            if (closed) {
              log.close();
              log = open(folder, small);
            }
            const times = batches.flat();
            const first = times.findIndex((one) => one >= time);
            expect(log.findByTime(time)).toEqual(
              first < 0 ? undefined : { offset: first, timestamp: times[first] },
            );
            const latest = Math.max(...times);
            expect(log.findLatestTime()).toEqual({ offset: times.indexOf(latest), timestamp: latest });
            log.close();
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it("cuts a torn end when it is opened, wherever the tear is", () => {
    withFolder((folder) => {
      const log = open(folder);
      for (let i = 0; i < 5; i++) append(log, batchOf([`value ${i}`, "and more"]));
      const path = log.activePath;
      const { size } = statSync(path);
      const batchBytes = size / 5;
      for (const torn of [size - 1, size - batchBytes + 61, size - batchBytes + 3]) {
        truncateSync(path, torn);
        const again = open(folder);
        expect(again.endOffset).toBe(8);
        expect(again.cutBytes).toBe(torn - (size - batchBytes));
        expect(append(again, batchOf(["value 4", "and more"]))).toBe(8);
      }
      expect(readAll(open(folder), 0, 1_000)).toHaveLength(10);
    });
  });

  it("cuts from the first batch whose CRC is wrong, and garbage at the end", () => {
    withFolder((folder) => {
      const log = open(folder);
      for (let i = 0; i < 3; i++) append(log, batchOf([`value ${i}`]));
      appendFileSync(log.activePath, Buffer.alloc(500));
      expect(open(folder).endOffset).toBe(3);
      const { size } = statSync(log.activePath);
      const file = openSync(log.activePath, "r+");
      writeSync(file, Buffer.from("X"), 0, 1, size - 3);
      closeSync(file);
      expect(open(folder).endOffset).toBe(2);
    });
  });

  it("keeps its end when retention has removed every record", () => {
    withFolder((folder) => {
      const log = open(folder, { ...small, retentionMs: 1_000 });
      for (let i = 0; i < 50; i++) append(log, batchOf(["x".repeat(100)], { timestamps: [i] }));
      log.applyRetention(1_020);
      expect(log.startOffset).toBeGreaterThan(5);
      expect(log.startOffset).toBeLessThanOrEqual(20);
      expect(readAll(log, 20, 500)).toHaveLength(30);
      log.applyRetention(5_000);
      expect([log.startOffset, log.endOffset, log.sizeBytes]).toEqual([50, 50, 0]);
      const again = open(folder);
      expect([again.startOffset, again.endOffset]).toEqual([50, 50]);
      expect(append(again, batchOf(["y"]))).toBe(50);
    });
  });

  it("removes the oldest segments past retention.bytes, and those that hold only deleted records", () => {
    withFolder((folder) => {
      const log = open(folder, { ...small, retentionBytes: 4_500 });
      for (let i = 0; i < 50; i++) append(log, batchOf(["x".repeat(100)]));
      log.applyRetention(1_000);
      expect(log.sizeBytes).toBeGreaterThanOrEqual(4_500);
      expect(log.sizeBytes).toBeLessThan(6_500);
      const { startOffset } = log;
      expect(readAll(log, startOffset, 10_000)).toHaveLength(50 - startOffset);
      log.deleteBefore(49);
      expect(log.startOffset).toBe(49);
      expect(readdirSync(folder).filter((name) => name.endsWith(".log"))).toHaveLength(1);
    });
  });

  it("makes an index anew that is missing or damaged", () => {
    withFolder((folder) => {
      const log = open(folder, small);
      for (let i = 0; i < 100; i++) append(log, batchOf([`value ${i}`]));
      log.close();
      for (const name of readdirSync(folder).filter((one) => one.endsWith(".index"))) {
        if (name.includes("0000000000.")) rmSync(join(folder, name));
        else appendFileSync(join(folder, name), "?");
      }
      const again = open(folder, small);
      expect(readAll(again, 0, 700)).toHaveLength(100);
      expect(again.endOffset).toBe(100);
    });
  });
});

describe("idempotent producers", () => {
  const from = (sequence: number, epoch = 0) => ({ producer: { id: 7, epoch, sequence } });

  it("are told a repeated batch, a gap and a newer epoch, also after the log is opened anew", () => {
    withFolder((folder) => {
      for (const reopen of ["no", "killed", "closed"]) {
        const log = open(join(folder, reopen));
        for (let i = 0; i < 7; i++) append(log, batchOf(["a", "b"], from(i * 2)));
        if (reopen === "closed") log.close();
        const now = reopen === "no" ? log : open(join(folder, reopen));
        const judge = (batch: Buffer) => now.judge(readBatchHeader(batch));
        expect(judge(batchOf(["c"], from(14)))).toEqual({ kind: "next" });
        expect(judge(batchOf(["a", "b"], from(12)))).toEqual({ kind: "repeated", firstOffset: 12 });
        expect(judge(batchOf(["a", "b"], from(4)))).toEqual({ kind: "repeated", firstOffset: 4 });
        expect(judge(batchOf(["a", "b"], from(0)))).toEqual({ kind: "gap" });
        expect(judge(batchOf(["c"], from(15)))).toEqual({ kind: "gap" });
        expect(judge(batchOf(["c"], from(0, 1)))).toEqual({ kind: "next" });
        expect(judge(batchOf(["c"], from(3, 1)))).toEqual({ kind: "gap" });
        append(now, batchOf(["c"], from(0, 1)));
        expect(judge(batchOf(["c"], from(14)))).toEqual({ kind: "fenced" });
      }
    });
  });

  it("begin again at 0 after the last sequence", () => {
    withFolder((folder) => {
      const log = open(folder);
      append(log, batchOf(["a", "b", "c"], from(2 ** 31 - 2)));
      expect(log.judge(readBatchHeader(batchOf(["d"], from(1))))).toEqual({ kind: "next" });
    });
  });
});

describe("transactions in a log", () => {
  const by = (id: number, sequence: number) => ({
    producer: { id, epoch: 0, sequence },
    isTransactional: true,
  });
  const marker = { producerEpoch: 0, coordinatorEpoch: 0, timestamp: 5 } as const;

  it("hold the stable offset at the oldest open one and list the aborted, also after a kill", () => {
    withFolder((folder) => {
      const log = open(folder);
      append(log, batchOf(["plain"]));
      append(log, batchOf(["a"], by(1, 0)));
      append(log, batchOf(["b"], by(2, 0)));
      expect(log.lastStableOffset).toBe(1);
      log.appendMarker({ ...marker, kind: "abort", producerId: 1 });
      expect(log.lastStableOffset).toBe(2);
      const killed = open(folder);
      expect(killed.lastStableOffset).toBe(2);
      expect(killed.abortedIn(0, 4)).toEqual([{ producerId: 1, firstOffset: 1, lastOffset: 3 }]);
      killed.appendMarker({ ...marker, kind: "commit", producerId: 2 });
      expect(killed.lastStableOffset).toBe(5);
      killed.close();
      const again = open(folder);
      expect(again.abortedIn(2, 3)).toEqual([{ producerId: 1, firstOffset: 1, lastOffset: 3 }]);
      expect(again.abortedIn(4, 5)).toEqual([]);
      expect(again.abortedIn(0, 1)).toEqual([]);
      expect(again.hasOpenTransaction(2)).toBe(false);
      const below = again.locate({ offset: 0, maxBytes: 1e6, isWholeFirst: true, upTo: 2 });
      expect(below?.endOffset).toBe(2);
    });
  });
});
