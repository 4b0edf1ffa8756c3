import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Postgres, type Row, systemCode } from "taller/author";

/** What the query has stored of itself since its checkpoint began, in input rows; each number from its own table. */
export interface Accounts {
  readonly read: number;
  readonly processed: number;
  readonly late: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  readonly hot: number;
  /** Different ids among the processed rows: as many as there are rows, or one came twice. */
  readonly distinctEvents: number;
}

const SUMS = `
SELECT
  (SELECT coalesce(sum(read), 0) FROM stream_batches WHERE query_id = $1)::int8 AS read,
  (SELECT coalesce(sum(late), 0) FROM stream_batches WHERE query_id = $1)::int8 AS late,
  (SELECT coalesce(sum(duplicates), 0) FROM stream_batches WHERE query_id = $1)::int8 AS duplicates,
  (SELECT count(*) FROM dead_letters WHERE query_id = $1) AS dead_letters,
  count(*) AS processed,
  count(DISTINCT event_id) AS events,
  count(*) FILTER (WHERE category = 'Hot') AS hot
FROM lead_scores WHERE query_id = $1`;

export async function accountsOf(postgres: Postgres, queryId: string | undefined): Promise<Accounts> {
  const [row] = (await postgres.query<Row>(SUMS, [queryId ?? null])).rows;
  const number = (name: string) => Number(row?.[name] ?? 0);
  return {
    read: number("read"),
    processed: number("processed"),
    late: number("late"),
    duplicates: number("duplicates"),
    deadLetters: number("dead_letters"),
    hot: number("hot"),
    distinctEvents: number("events"),
  };
}

/** The query's id, which its checkpoint keeps over restarts; undefined where there is no checkpoint yet. */
export async function queryIdOf(checkpoint: string): Promise<string | undefined> {
  try {
    const metadata: unknown = JSON.parse(await readFile(join(checkpoint, "metadata"), "utf8"));
    return typeof metadata === "object" && metadata !== null && "id" in metadata
      ? String(metadata.id)
      : undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
