import { join } from "node:path";
import {
  committedFiles,
  type Emit,
  type Engine,
  fieldsOf,
  type PipelineReport,
  rowsOf,
  type Table,
  tableFromRows,
  UserError,
} from "taller/author";
import { accountsOf } from "./accounts.ts";
import { type LeadsRun, scoresFolder } from "./leads.ts";
import { messagesIn } from "./produce.ts";

/** Where every event that was produced is, each number from the place itself and not from what the query said of it. */
export interface Reconciled {
  /** Messages that Kafka holds. */
  readonly produced: number;
  readonly read: number;
  readonly processed: number;
  readonly late: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  /** Messages that are in the topic and not read yet. */
  readonly waiting: number;
  readonly places: readonly Place[];
}

interface Place {
  readonly place: string;
  readonly guarantee: string;
  readonly rows: number;
  readonly distinctEvents: number;
  /** What it should hold. */
  readonly expected: number;
}

/** Counts, in Kafka, PostgreSQL and the files, what became of every message since the checkpoint began. */
export async function reconcile(
  run: LeadsRun,
  topics: { topic: string; hotTopic: string },
): Promise<Reconciled> {
  const { log, postgres, queryId } = run;
  const produced = await messagesIn(log, topics.topic);
  const { read, processed, late, duplicates, deadLetters, ...stored } = await accountsOf(postgres, queryId);
  const parquet = await countFiles(run.engine, scoresFolder(run));
  const hot = await countMessages(run, topics.hotTopic);
  return {
    ...{ produced, read, processed, late, duplicates, deadLetters },
    waiting: produced - read,
    places: [
      {
        place: "PostgreSQL lead_scores",
        guarantee: "exactly once",
        rows: processed,
        distinctEvents: stored.distinctEvents,
        expected: processed,
      },
      { place: "Parquet scores", guarantee: "exactly once", ...parquet, expected: processed },
      {
        place: `Kafka ${topics.hotTopic}`,
        guarantee: "at least once",
        ...hot,
        expected: stored.hot,
      },
    ],
  };
}

/** Shows the accounts; throws a UserError when a message is in no place, or in two. */
export function showReconciled(emit: Emit, found: Reconciled): void {
  const { processed, late, duplicates, deadLetters, read, produced, waiting } = found;
  const isWhole = read === processed + late + duplicates + deadLetters;
  emit({
    kind: "table",
    title: {
      es: isWhole ? "procesados + tarde + duplicados + rotos = leídos: cuadra" : "No cuadra",
      en: isWhole ? "processed + late + duplicates + broken = read: it reconciles" : "It does not reconcile",
    },
    table: counts({ processed, late, duplicates, dead_letters: deadLetters, read, waiting, produced }),
    label: "measured",
  });
  emit({
    kind: "table",
    title: { es: "Lo que hay en cada destino", en: "What each place holds" },
    table: placesTable(found.places),
    label: "measured",
  });
  const wrong = found.places.filter(({ guarantee, rows, distinctEvents, expected }) =>
    guarantee === "exactly once"
      ? rows !== expected || distinctEvents !== expected
      : distinctEvents < expected,
  );
  if (isWhole && wrong.length === 0) return;
  throw new UserError({
    fault: "data",
    code: "does-not-reconcile",
    what: {
      es: "Hay mensajes que no están en ningún sitio, o que están en dos.",
      en: "There are messages that are in no place, or in two.",
    },
    where: wrong.map(({ place }) => place).join(", ") || "stream_batches",
    next: [],
  });
}

export function reportOf(found: Reconciled): PipelineReport {
  const { places, waiting, ...rows } = found;
  return { rows, waiting, places };
}

function counts(row: Readonly<Record<string, number>>): Table {
  const fields = fieldsOf(Object.fromEntries(Object.keys(row).map((name) => [name, { kind: "int64" }])));
  return tableFromRows(fields, [row]);
}

function placesTable(places: readonly Place[]): Table {
  const fields = fieldsOf({
    place: { kind: "string" },
    guarantee: { kind: "string" },
    rows: { kind: "int64" },
    events: { kind: "int64" },
    expected: { kind: "int64" },
  });
  return tableFromRows(
    fields,
    places.map(({ place, guarantee, rows, distinctEvents, expected }) => ({
      ...{ place, guarantee, rows, expected },
      events: distinctEvents,
    })),
  );
}

/** Only what the manifest names: a file that a killed batch left is not there. */
async function countFiles(engine: Engine, path: string): Promise<{ rows: number; distinctEvents: number }> {
  const files = await committedFiles(path);
  if (files.length === 0) return { rows: 0, distinctEvents: 0 };
  await engine.register("stored_scores", {
    kind: "parquet",
    paths: files.map((file) => join(path, file.path)),
  });
  const [row] = rowsOf(
    await engine.query("SELECT count(*) AS n, count(DISTINCT event_id) AS events FROM stored_scores"),
  );
  return { rows: Number(row?.n ?? 0), distinctEvents: Number(row?.events ?? 0) };
}

async function countMessages(
  run: LeadsRun,
  topic: string,
): Promise<{ rows: number; distinctEvents: number }> {
  const events = new Set<string>();
  let rows = 0;
  const [first, last] = [await run.log.offsets(topic, "earliest"), await run.log.offsets(topic, "latest")];
  for (const [partition, to] of last) {
    for await (const records of run.log.read({ topic, partition, from: first.get(partition) ?? 0, to })) {
      for (let row = 0; row < records.count; row++) {
        const value = records.bytes.toString("utf8", records.valueStarts[row], records.valueEnds[row]);
        events.add(/"event_id":"([^"]+)"/.exec(value)?.[1] ?? value);
        rows++;
      }
    }
  }
  return { rows, distinctEvents: events.size };
}
