import type { Pair } from "./schema.ts";

/** What every search of the API takes; the filter and the order are texts in MLflow's own small language. */
export interface SearchOptions {
  /** `metrics.auc > 0.9 AND params.model = 'forest'`. */
  readonly filter?: string | undefined;
  /** `metrics.auc DESC`, several by priority. */
  readonly orderBy?: readonly string[] | undefined;
  /** Of one page; default 1,000 (model registry: 100). */
  readonly maxResults?: number | undefined;
  readonly pageToken?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined;
}

/** All items of all pages, in order, a page in memory at a time. */
export async function* allPages<T>(
  search: (pageToken: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const page = await search(token);
    yield* page.items;
    token = page.nextPageToken;
  } while (token !== undefined && token !== "");
}

export function searchData(options: SearchOptions): Record<string, unknown> {
  return {
    filter: options.filter,
    order_by: options.orderBy,
    max_results: options.maxResults,
    page_token: options.pageToken,
  };
}

/** A value as MLflow's filters quote it: `'it''s'` does not exist there, so a text with both quotes can't be asked for. */
export function quoteValue(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new RangeError("a filter's text can't hold both kinds of quotes");
}

export function tagPairs(tags: Readonly<Record<string, string>> | undefined): readonly Pair[] | undefined {
  return tags === undefined ? undefined : Object.entries(tags).map(([key, value]) => ({ key, value }));
}
