import { invalid } from "../mlflow-error.ts";

/** MLflow's page tokens: base64 of `{"offset": n}`, spaced as Python writes it. */
export function readPageToken(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(token)) {
    throw invalid("Invalid page token, could not base64-decode");
  }
  const decoded = Buffer.from(token, "base64").toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(decoded);
  } catch {
    throw invalid("Invalid page token: what it holds is no JSON");
  }
  const offset = typeof value === "object" && value !== null && "offset" in value ? Number(value.offset) : 0;
  if (!Number.isSafeInteger(offset) || offset <= 0) throw invalid("Invalid page token: it names no offset");
  return offset;
}

/** The page of `maxResults` from the token's offset on, and the next page's token. */
export function cutPage<T>(
  items: readonly T[],
  page: { readonly maxResults: number; readonly pageToken: string | undefined },
): { readonly items: readonly T[]; readonly next_page_token: string | undefined } {
  const from = readPageToken(page.pageToken);
  const to = from + page.maxResults;
  return {
    items: items.slice(from, to),
    next_page_token: to < items.length ? Buffer.from(`{"offset": ${to}}`).toString("base64") : undefined,
  };
}
