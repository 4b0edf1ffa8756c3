import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVENT, messagesOf } from "../../../src/data/lead-events/batch.ts";
import { leadEvents } from "../../../src/data/lead-events/lead-events.ts";
import { addEventTotals, emptyEventTotals } from "../../../src/data/lead-events/totals.ts";
import { writeLeads } from "../../../src/data/leads/write-leads.ts";
import { cleanLeads } from "../leads/reference.ts";
import { readBatch, readStream } from "./read.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lead-events-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const CLEAN = { outOfOrder: 0, duplicates: 0, malformed: 0 };

describe("a stream of lead events", () => {
  test("has the same bytes whole, in parts and from the middle of a block", () => {
    const texts = (range: { from?: number; to: number }) =>
      readStream({ keys: 500 }, range).map(({ text }) => text);
    const whole = texts({ to: 10_000 });
    expect(whole).toHaveLength(10_000);
    for (const cut of [1, 4_095, 4_096, 4_097, 9_999])
      expect([...texts({ to: cut }), ...texts({ from: cut, to: 10_000 })], `cut at ${cut}`).toEqual(whole);
  });

  test("without defects is in order, with ids of their own and only well-formed events", () => {
    const messages = readStream({ ...CLEAN, keys: 500 }, { to: 9_000 });
    expect(messages.filter(({ fault }) => fault !== undefined)).toEqual([]);
    const times = messages.map(({ event }) => String(event.event_time));
    expect([...times].sort()).toEqual(times);
    expect(new Set(messages.map(({ event }) => event.event_id)).size).toBe(9_000);
    const parsed = times.map((time) => Math.floor(Date.parse(time)));
    expect(messages.map(({ timestamp }) => timestamp)).toEqual(parsed);
  });

  test("writes microseconds, and the calendar that Date knows", () => {
    for (const iso of ["1970-01-01", "1999-12-31", "2000-02-29", "2024-02-29", "2100-03-01", "2199-12-31"]) {
      const startMs = Date.parse(`${iso}T23:59:59.000Z`);
      const [first] = readStream({ ...CLEAN, startMs, rate: 1, keys: 1 }, { to: 1 });
      expect(String(first?.event.event_time)).toMatch(
        new RegExp(`^${new Date(startMs).toISOString().slice(0, 19)}\\.\\d{6}Z$`),
      );
    }
  });

  test("keeps its rate, and multiplies it in bursts", () => {
    const second = (settings: object, to: number) => {
      const perSecond = new Map<number, number>();
      for (const { timestamp } of readStream({ ...CLEAN, keys: 10, startMs: 0, ...settings }, { to }))
        perSecond.set(Math.floor(timestamp / 1000), (perSecond.get(Math.floor(timestamp / 1000)) ?? 0) + 1);
      return [...perSecond.values()];
    };
    expect(second({ rate: 200 }, 1_000)).toEqual([200, 200, 200, 200, 200]);
    const bursts = { rate: 100, burst: 5, burstEverySeconds: 3, burstSeconds: 2 };
    expect(second(bursts, 2_600)).toEqual([100, 100, 100, 500, 500, 100, 100, 100, 500, 500]);
  });

  test("is about the leads of the file of the same seed, with the values of its clean table", async () => {
    const path = join(folder, "leads.csv");
    await writeLeads({ rows: 9_000, seed: 11, variant: "plain", path, threads: 1 });
    const { kept } = cleanLeads(await readFile(path, "utf8"));
    const clean = new Map(kept.map((row) => [row.leadId, row]));
    const settings = { seed: 11, leadRows: 9_000, keys: 9_000, ...CLEAN };
    const messages = readStream(settings, { to: 20_000 });
    const totals = emptyEventTotals();
    for (const batch of leadEvents(settings).batches({ to: 20_000 })) addEventTotals(totals, batch.totals);
    const strangers = messages.filter(({ key }) => !clean.has(key));
    expect(strangers.length).toBeLessThan(1_000);
    expect(totals.unknownLeads).toBe(strangers.length);
    const wrong = messages.filter(({ event, key }) => {
      const lead = clean.get(key);
      if (lead === undefined) return false;
      const isCall = event.type === "call";
      // After two messages a lead, on average, its counts have grown by a tenth of 8, 30 and 4.
      const visits = Number(event.visits) - lead.visits;
      const emails = Number(event.emails_opened) - lead.emailsOpened;
      const minutes = lead.minutes === null ? 0 : Number(event.minutes_on_site) - lead.minutes;
      return (
        key !== event.lead_id ||
        ![0, 1].includes(visits) ||
        ![0, 1].includes(emails) ||
        minutes < -1e-9 ||
        minutes > 3.3 ||
        (event.minutes_on_site === null) !== (lead.minutes === null) ||
        event.days_since_contact !== (isCall ? 0 : lead.daysSinceContact)
      );
    });
    expect(wrong).toEqual([]);
  });

  test("knows more of a lead as time goes on, never less", () => {
    const seen = new Map<string, number>();
    for (const { event, key } of readStream({ ...CLEAN, keys: 100 }, { to: 20_000 })) {
      expect(Number(event.visits)).toBeGreaterThanOrEqual(seen.get(key) ?? 0);
      seen.set(key, Number(event.visits));
    }
  });

  test("has as many different keys as are asked for, the first ones busier", () => {
    const keys = readStream({ keys: 50 }, { to: 20_000 }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(50);
    expect(keys.filter((key) => key === "00000001").length).toBeGreaterThan(1_500);
  });

  test("gives messages as kafkajs takes them, without copying their bytes", () => {
    const [batch] = leadEvents({ keys: 10 }).batches({ to: 100 });
    if (batch === undefined) throw new Error("no batch");
    const messages = messagesOf(batch, 90);
    expect(messages.map(({ value }) => value.toString())).toEqual(
      readBatch(batch)
        .slice(90)
        .map(({ text }) => text),
    );
    expect(messages[0]?.value.buffer).toBe(batch.values.bytes.buffer);
  });

  test.each([
    { rate: 0 },
    { keys: 0 },
    { seed: 1.5 },
    { duplicates: 1 },
    { malformed: -0.1 },
    { burst: 0.5 },
    { maxLagMs: Number.NaN },
  ])("refuses %o with the range", (settings) => {
    expect(() => leadEvents(settings)).toThrow(/it goes from/);
  });
});

test("the first message of a block is an event where it would repeat one: there is none before it", () => {
  // Block 183 of seed 7 draws a repetition first; without malformed messages nothing else is left for it.
  const from = 183 * 4096;
  const [batch] = leadEvents({ seed: 7, malformed: 0 }).batches({ from, to: from + 1 });
  expect([...(batch?.kinds ?? [])]).toEqual([EVENT]);
});
