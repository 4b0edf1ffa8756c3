import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CancelledError } from "../../../src/core/errors.ts";
import { findDataset } from "../../../src/data/datasets.ts";
import { leadEvents } from "../../../src/data/lead-events/lead-events.ts";
import { eventsLedgerOf, readEventsLedger } from "../../../src/data/lead-events/ledger.ts";
import { LEAD_EVENTS_VERSION } from "../../../src/data/lead-events/settings.ts";
import { addEventTotals, emptyEventTotals } from "../../../src/data/lead-events/totals.ts";
import golden from "./golden.json" with { type: "json" };
import { readStream } from "./read.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lead-events-ledger-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const MESSY = { seed: 3, keys: 800, outOfOrder: 0.3, duplicates: 0.1, malformed: 0.15, burst: 4 };

describe("the ledger of a stream", () => {
  test.each([
    { settings: {}, from: 0, to: 30_000 },
    { settings: MESSY, from: 0, to: 30_000 },
    { settings: MESSY, from: 5_000, to: 5_100 },
    { settings: { ...MESSY, duplicates: 0.9, malformed: 0.1 }, from: 0, to: 5_000 },
  ])("counts what an independent reader finds: $settings from $from to $to", ({ settings, from, to }) => {
    const stream = leadEvents(settings);
    const totals = emptyEventTotals();
    for (const batch of stream.batches({ from, to })) addEventTotals(totals, batch.totals);
    const ledger = eventsLedgerOf(stream.settings, from, totals);
    // A duplicate's original may lie before `from`: the reader must have seen it.
    const before = new Set(readStream(settings, { to: from }).map(({ event }) => event.event_id));
    const found = {
      events: 0,
      duplicates: 0,
      delayed: 0,
      delayedLong: 0,
      inBursts: 0,
      sizeBytes: 0,
      faults: {} as Record<string, number>,
      types: {} as Record<string, number>,
    };
    const { startMs, burst, burstEverySeconds, burstSeconds } = stream.settings;
    for (const { text, fault, event, timestamp } of readStream(settings, { from, to })) {
      found.sizeBytes += Buffer.byteLength(text);
      const inCycle = ((timestamp - startMs) / 1000) % (burstEverySeconds + burstSeconds);
      if (burst > 1 && inCycle >= burstEverySeconds) found.inBursts++;
      if (fault !== undefined) {
        found.faults[fault] = (found.faults[fault] ?? 0) + 1;
        continue;
      }
      if (before.has(event.event_id)) found.duplicates++;
      else {
        const lagMs = timestamp - Date.parse(String(event.event_time));
        found.events++;
        found.types[String(event.type)] = (found.types[String(event.type)] ?? 0) + 1;
        if (lagMs > 0) found.delayed++;
        // A millisecond that was cut off must not decide.
        if (lagMs > 10_001) found.delayedLong++;
      }
      before.add(event.event_id);
    }
    const { malformedByKind } = ledger;
    expect(found).toEqual({
      events: ledger.events,
      duplicates: ledger.duplicates,
      delayed: ledger.delayed["0"],
      delayedLong: expect.toSatisfy((long: number) => Math.abs(long - (ledger.delayed["10"] ?? 0)) <= 3),
      inBursts: ledger.inBursts,
      types: withoutZeros(ledger.eventsByType),
      sizeBytes: ledger.sizeBytes,
      faults: withoutZeros({
        "no-object": (malformedByKind["broken-json"] ?? 0) + (malformedByKind["not-json"] ?? 0),
        "missing-field": malformedByKind["missing-field"] ?? 0,
        "wrong-type": malformedByKind["wrong-type"] ?? 0,
        "impossible-time": malformedByKind["impossible-time"] ?? 0,
        "negative-count": malformedByKind["negative-count"] ?? 0,
      }),
    });
    expect(ledger.messages).toBe(to - from);
    expect(ledger.events + ledger.duplicates + ledger.malformed).toBe(ledger.messages);
  });

  test("plants about the shares that were asked for", () => {
    const stream = leadEvents(MESSY);
    const totals = emptyEventTotals();
    for (const batch of stream.batches({ to: 40_000 })) addEventTotals(totals, batch.totals);
    const { events, duplicates, malformed, delayed } = eventsLedgerOf(stream.settings, 0, totals);
    // Four standard deviations of a share of 40,000.
    expect(Math.abs(duplicates / 40_000 - 0.1)).toBeLessThan(4 * Math.sqrt((0.1 * 0.9) / 40_000));
    expect(Math.abs(malformed / 40_000 - 0.15)).toBeLessThan(4 * Math.sqrt((0.15 * 0.85) / 40_000));
    expect(Math.abs((delayed["0"] ?? 0) / events - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / events));
  });
});

describe("the file of lead-events", () => {
  test.each(golden)(
    "has the committed bytes: $rows messages, seed $seed",
    async ({ rows, seed, ...wanted }) => {
      const files = await findDataset("lead-events").materialise({ folder, rows, seed });
      expect({
        messages: await sha256(files.paths[0] ?? ""),
        ledger: await sha256(files.ledgerPath ?? ""),
      }).toEqual(wanted);
    },
  );

  test("is made once, and again when it was cut", async () => {
    const make = () => findDataset("lead-events").materialise({ folder, rows: 100, seed: 5 });
    const [path = ""] = (await make()).paths;
    const bytes = await readFile(path, "utf8");
    await make();
    await writeFile(path, bytes.slice(0, 50));
    const again = await make();
    expect(await readFile(path, "utf8")).toBe(bytes);
    expect(again.sizeBytes).toBe(Buffer.byteLength(bytes));
    expect(bytes.trimEnd().split("\n")).toHaveLength(100);
    expect((await readEventsLedger(again.ledgerPath ?? "")).messages).toBe(100);
  });

  test("an aborted run leaves nothing", async () => {
    const run = findDataset("lead-events").materialise({
      folder: join(folder, "aborted"),
      rows: 10_000,
      signal: AbortSignal.abort(),
    });
    await expect(run).rejects.toThrow(CancelledError);
    expect(await readdir(join(folder, "aborted"))).toEqual([]);
  });

  test("its card has the version of the generator", () => {
    expect(findDataset("lead-events").card.version).toBe(LEAD_EVENTS_VERSION);
  });
});

function withoutZeros(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

async function sha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
