import {
  cellOf,
  columnOf,
  type Postgres,
  type Queryable,
  type SinkBatch,
  type StreamSink,
  type Table,
} from "taller/author";
import { splitByProblem } from "./score.ts";

/** Rows lie beside the number of the batch that brought them. No key hides a row that came twice: it would be seen. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS stream_batches (
     query_id text, batch_id bigint, part text,
     read bigint, processed bigint, late bigint, duplicates bigint, dead_letters bigint,
     PRIMARY KEY (query_id, batch_id, part))`,
  `CREATE TABLE IF NOT EXISTS lead_scores (
     query_id text, batch_id bigint, event_id text, lead_id text, type text, event_time timestamptz,
     score double precision, category text)`,
  `CREATE TABLE IF NOT EXISTS dead_letters (
     query_id text, batch_id bigint, "partition" int, "offset" bigint, reason text, raw text)`,
];

export async function createTables(postgres: Postgres): Promise<void> {
  for (const statement of TABLES) await postgres.query(statement);
}

/** The scored events. What is JSON of the right types and still can't be true goes to the dead letters. */
export function scoresSink(postgres: Postgres): StreamSink {
  return {
    description: "PostgreSQL[lead_scores]",
    modes: ["append"],
    write: (batch) =>
      oncePerBatch(postgres, "scores", batch, async (transaction) => {
        const { valid, invalid } = splitByProblem(batch.table);
        await insert(transaction, batch, "lead_scores", valid, SCORE_COLUMNS);
        await insert(transaction, batch, "dead_letters", invalid, INVALID_COLUMNS);
        return { processed: valid.rowCount, deadLetters: invalid.rowCount };
      }),
  };
}

/** Messages that are no events: where they lie, why they are none, and what they say. */
export function deadLettersSink(postgres: Postgres): StreamSink {
  return {
    description: "PostgreSQL[dead_letters]",
    modes: ["append"],
    write: (batch) =>
      oncePerBatch(postgres, "dead-letters", batch, async (transaction) => {
        await insert(transaction, batch, "dead_letters", batch.table, LETTER_COLUMNS);
        return { processed: 0, deadLetters: batch.table.rowCount };
      }),
  };
}

/**
 * Exactly once: the batch's number is stored in the transaction of its rows. A batch that comes again after a crash
 * finds its number there and writes nothing; one whose transaction was cut has left neither.
 */
async function oncePerBatch(
  postgres: Postgres,
  part: "scores" | "dead-letters",
  batch: SinkBatch,
  write: (transaction: Queryable) => Promise<{ processed: number; deadLetters: number }>,
): Promise<void> {
  await postgres.transaction(async (transaction) => {
    const key = [batch.queryId, batch.batchId, part];
    const claimed = await transaction.query(
      "INSERT INTO stream_batches (query_id, batch_id, part) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      key,
    );
    if (claimed.rowCount === 0) return;
    const { processed, deadLetters } = await write(transaction);
    // The engine counts a batch once, for both parts.
    const { read, late, duplicates } = (part === "scores" ? batch.counts : undefined) ?? NOTHING;
    await transaction.query(
      `UPDATE stream_batches SET read = $4, processed = $5, late = $6, duplicates = $7, dead_letters = $8
       WHERE query_id = $1 AND batch_id = $2 AND part = $3`,
      [...key, read, processed, late, duplicates, deadLetters],
    );
  });
}

const NOTHING = { read: 0, late: 0, duplicates: 0 };

/** Columns of the database: what type they have, and from which column of the batch they come. */
type Columns = Readonly<Record<string, { readonly type: string; readonly from: string }>>;

const SCORE_COLUMNS: Columns = {
  event_id: { type: "text", from: "event_id" },
  lead_id: { type: "text", from: "lead_id" },
  type: { type: "text", from: "type" },
  event_time: { type: "timestamptz", from: "event_time" },
  score: { type: "double precision", from: "score" },
  category: { type: "text", from: "category" },
};
const INVALID_COLUMNS: Columns = {
  partition: { type: "int", from: "kafka_partition" },
  offset: { type: "bigint", from: "kafka_offset" },
  reason: { type: "text", from: "problem" },
};
const LETTER_COLUMNS: Columns = {
  partition: { type: "int", from: "partition" },
  offset: { type: "bigint", from: "offset" },
  reason: { type: "text", from: "reason" },
  raw: { type: "text", from: "raw" },
};

/** All rows in one statement: an array a column. */
async function insert(
  transaction: Queryable,
  { queryId, batchId }: SinkBatch,
  table: string,
  rows: Table,
  columns: Columns,
): Promise<void> {
  if (rows.rowCount === 0) return;
  const names = Object.keys(columns).map((name) => `"${name}"`);
  const arrays = Object.values(columns).map(({ type }, i) => `$${i + 3}::${type}[]`);
  await transaction.query(
    `INSERT INTO ${table} (query_id, batch_id, ${names.join(", ")}) SELECT $1, $2, * FROM unnest(${arrays.join(", ")})`,
    [queryId, batchId, ...Object.values(columns).map(({ from }) => cellsOf(rows, from))],
  );
}

function cellsOf(table: Table, name: string): unknown[] {
  const { field, column } = columnOf(table, name);
  return Array.from({ length: table.rowCount }, (_, row) => cellOf(field, column, row));
}
