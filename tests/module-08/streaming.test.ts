import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import { type Row, rowsOf } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import type { OpenService } from "../../src/course/run-pipeline.ts";
import { openEngine } from "../../src/engines/open.ts";
import {
  fitBoosting,
  fitPreparation,
  readModelFile,
  scoreTable,
  writeModelFile,
} from "../../src/ml/index.ts";
import { type KafkaServer, startKafka } from "../../src/services/kafka/embedded/server.ts";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import { openPostgres, type Postgres } from "../../src/services/postgres/client.ts";
import { startPostgres } from "../../src/services/postgres/embedded/server.ts";
import { committedFiles } from "../../src/streaming/index.ts";
import { openWorkspace, type Ran } from "./run.ts";

/** The own producer's stream: 1,500 messages/s for two seconds. */
const SMALL = { rate: "1500", seconds: "2", burst: "1", keys: "500", trigger: "200 milliseconds" };

let workspace: Awaited<ReturnType<typeof openWorkspace>>;
let kafka: KafkaServer;
let database: Awaited<ReturnType<typeof startPostgres>>;
let postgres: Postgres;
beforeAll(async () => {
  workspace = await openWorkspace();
  kafka = await startKafka({ folder: join(workspace.folder, "kafka"), port: 0 });
  database = await startPostgres({ folder: join(workspace.folder, "postgres"), port: 0 });
  postgres = await openPostgres({ url: database.url });
  await workspace.run("etl", { rows: "5000", compare: "no" });
}, 60_000);
afterAll(async () => {
  await postgres.close();
  await database.close();
  await kafka.close();
  await workspace.remove();
});

const openService = (async (name: string) => ({
  address: name === "kafka" ? { brokers: [kafka.brokers] } : { url: database.url },
  close: async () => {},
})) as OpenService;

describe("taller run streaming", () => {
  test("puts every event in exactly one place, and goes on where it stopped", async () => {
    const first = await stream({ ...SMALL });
    const rows = first.report?.rows ?? {};
    expect(rows.produced).toBe(3_000);
    expect(rows.read).toBe(3_000);
    expect(sumOfParts(rows)).toBe(3_000);
    expect(first.report?.waiting).toBe(0);
    await expectSameEverywhere(rows.processed ?? 0);

    // Stopped in the middle: what was read is whole, and the next run takes up what is left.
    const stop = new AbortController();
    const events: WorkEvent[] = [];
    const run = stream({ ...SMALL, seconds: "30" }, stop.signal, events);
    await until(() => events.filter((event) => event.kind === "status").length > 3);
    stop.abort();
    await expect(run).rejects.toThrow(CancelledError);
    expect(events.findLast((event) => event.kind === "note")?.text.en).toMatch(/^Stopped after batch \d+\./);

    const third = await stream({ ...SMALL });
    const all = third.report?.rows ?? {};
    expect(all.produced).toBeGreaterThan(6_000);
    expect(all.read).toBe(all.produced);
    expect(sumOfParts(all)).toBe(all.read);
    for (const part of ["late", "duplicates", "deadLetters"]) expect(all[part], part).toBeGreaterThan(0);
    await expectSameEverywhere(all.processed ?? 0);
  }, 120_000);

  test("scores each event as the model's file scores the same row in batch", async () => {
    const model = readModelFile(await readFile(join(workspace.folder, "models", "lead-scores.json"), "utf8"));
    const engine = await openEngine("duckdb");
    const log = openTopicLog({ brokers: kafka.brokers });
    try {
      const paths = [join(workspace.folder, "tables", "leads-clean")];
      await engine.register("leads_clean", { kind: "parquet", paths });
      const known = await engine.query(
        "SELECT lead_id, source, country, industry, employees, budget FROM leads_clean",
      );
      const leads = new Map(rowsOf(known).map((row) => [row.lead_id, row]));
      const messages = await readValues(log, "taller.lead-events");
      const byId = new Map<unknown, Row>();
      for (const message of messages) {
        const event = eventOf(message);
        if (event !== undefined) byId.set(event.event_id, event);
      }
      const { rows } = await postgres.query<{ event_id: string; lead_id: string; score: number }>(
        "SELECT event_id, lead_id, score FROM lead_scores ORDER BY event_id LIMIT 3000",
      );
      const fields = [
        ...known.fields
          .filter(({ name }) => name !== "lead_id")
          .map((field) => ({ ...field, nullable: true })),
        ...fieldsOf({
          visits: { kind: "int32" },
          minutes_on_site: { kind: "float64" },
          emails_opened: { kind: "int32" },
          days_since_contact: { kind: "int32" },
        }),
      ];
      const table = tableFromRows(
        fields,
        rows.map(({ event_id, lead_id }) => ({ ...leads.get(lead_id), ...byId.get(event_id) })),
      );
      expect(rows.length).toBeGreaterThan(2_000);
      // Leads that the table lacks are scored too, with what is known.
      expect(rows.some(({ lead_id }) => !leads.has(lead_id))).toBe(true);
      expect(rows.map(({ score }) => score)).toEqual([...scoreTable(model, table)]);
    } finally {
      await log.close();
      await engine.close();
    }
  });

  test("keeps each dead letter with its place and its reason", async () => {
    const { rows } = await postgres.query<{
      reason: string;
      partition: number;
      offset: bigint;
      raw: string | null;
    }>('SELECT reason, "partition", "offset", raw FROM dead_letters');
    const reasons = new Set(rows.map(({ reason }) => reason));
    expect([...reasons].some((reason) => /is missing/.test(reason))).toBe(true);
    expect(reasons).toContain("negative-count");
    expect(new Set(rows.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(rows.length);
  });

  test("a model file that is not there is said, and none is trained instead", async () => {
    await expect(stream({ ...SMALL, model: "nowhere.json" })).rejects.toMatchObject({ code: "no-model" });
  });

  test("--source flights measures what four delays lose, and needs no service", async () => {
    const ran = await workspace.run("streaming", { source: "flights", days: "1" });
    const delays = ran.report?.delays as readonly { delayMinutes: number; late: number; read: number }[];
    expect(delays.map(({ delayMinutes }) => delayMinutes)).toEqual([15, 60, 120, 180]);
    expect(delays[0]?.late).toBeGreaterThan(delays[3]?.late ?? 0);
    const table = ran.events.find((event) => event.kind === "table");
    expect(table?.kind === "table" && rowsOf(table.table).map((row) => row.late)).toEqual(
      delays.map(({ late }) => late),
    );
    expect(ran.events.some((event) => event.kind === "chart")).toBe(true);
  }, 60_000);

  test("a model of other features is refused by their names", async () => {
    const table = tableFromRows(
      fieldsOf({ height: { kind: "float64" } }),
      Array.from({ length: 100 }, (_, row) => ({ height: row })),
    );
    const { preparation, matrix } = fitPreparation(table, ["height"], []);
    const labels = Array.from({ length: 100 }, (_, row) => row % 2);
    const model = await fitBoosting(matrix, labels, { seed: 1, trees: 1 });
    const card = { dataHash: "", rows: 100, seed: 1, metrics: {}, library: "" };
    const path = join(workspace.folder, "height.json");
    await writeFile(path, writeModelFile({ preparation, model, card }));
    await expect(stream({ ...SMALL, model: path })).rejects.toThrow(/height is missing/);
  }, 60_000);

  test("shows how the stream stands while it runs", async () => {
    const { events } = await stream({ ...SMALL });
    const last = events.findLast((event) => event.kind === "status");
    expect(last?.lines.map(({ en }) => en)).toEqual([
      expect.stringMatching(
        /^batch [\d,]+ · in [\d,]+\/s · processed [\d,]+\/s · [\d,]+ ms · [\d,]+ of [\d,]+$/,
      ),
      expect.stringMatching(/^event .* · watermark .* · windows [\d,]+ · ids [\d,]+$/),
      expect.stringMatching(
        /^processed [\d,]+ \(Hot [\d,]+\) · late [\d,]+ · duplicates [\d,]+ · broken [\d,]+$/,
      ),
    ]);
    // Spanish has its own way of writing a number; a batch without data has no newest event to compare with.
    const inSpanish = events.flatMap((event) => (event.kind === "status" ? [event.lines[1]?.es] : []));
    expect(inSpanish.join("\n")).toMatch(/watermark [\d:]+ \([−+]\d+,\d s\)/);
  }, 60_000);
});

async function stream(
  options: Record<string, string>,
  signal?: AbortSignal,
  events: WorkEvent[] = [],
): Promise<Ran> {
  return workspace.run("streaming", options, {
    openService,
    events,
    ...(signal === undefined ? {} : { signal }),
  });
}

function sumOfParts(rows: Readonly<Record<string, number>>): number {
  const { processed = 0, late = 0, duplicates = 0, deadLetters = 0 } = rows;
  return processed + late + duplicates + deadLetters;
}

/** Counted here, not by the pipeline: the same ids in the database and in the files, each once. */
async function expectSameEverywhere(processed: number): Promise<void> {
  const stored = (await postgres.query<{ event_id: string }>("SELECT event_id FROM lead_scores")).rows;
  const engine = await openEngine("duckdb");
  try {
    const path = join(workspace.folder, "streaming", "taller.lead-events", "scores");
    const files = await committedFiles(path);
    await engine.register("scores", { kind: "parquet", paths: files.map((file) => join(path, file.path)) });
    const written = rowsOf(await engine.query("SELECT event_id FROM scores")).map((row) =>
      String(row.event_id),
    );
    expect(written.length).toBe(processed);
    expect(stored.map((row) => row.event_id).sort()).toEqual(written.sort());
    expect(new Set(written).size).toBe(processed);
  } finally {
    await engine.close();
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("it did not happen in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function readValues(log: TopicLog, topic: string): Promise<string[]> {
  const values: string[] = [];
  for (const [partition, to] of await log.offsets(topic, "latest"))
    for await (const records of log.read({ topic, partition, from: 0, to }))
      for (let row = 0; row < records.count; row++)
        values.push(records.bytes.toString("utf8", records.valueStarts[row], records.valueEnds[row]));
  return values;
}

function eventOf(message: string): Row | undefined {
  try {
    const value: Row | null = JSON.parse(message);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
