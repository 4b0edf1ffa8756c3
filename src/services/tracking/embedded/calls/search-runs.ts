import { type Answer, type Call, type Handler, jsonList, type Stores } from "../call.ts";
import { runJson, runValue } from "../run-json.ts";
import { type Clause, matches, parseFilter } from "../search/filter.ts";
import { RUN_LANGUAGE } from "../search/language.ts";
import { compareBy, type Order, parseOrder, type SortValue } from "../search/order.ts";
import { cutPage } from "../search/page.ts";
import { isInView, positive, VIEW_TYPES } from "../search/view.ts";
import type { StoredRun } from "../store/catalogue-state.ts";
import { knownExperiments } from "./experiments.ts";

export const searchRunCalls: Readonly<Record<string, Handler>> = { "POST mlflow/runs/search": search };

/** The order that MLflow has by itself, and where the asked one leaves ties. */
const NATURAL_ORDER = ["start_time DESC", "run_id ASC"] as const;

/**
 * Runs that the filter lets through, in order, a page. Memory: one list of sort values; metrics are read a run at a
 * time, for those that the rest of the filter lets through, and the answer goes out a run at a time.
 */
async function search({ stores, fields }: Call): Promise<Answer> {
  const { state } = stores.catalogue;
  const clauses = parseFilter(RUN_LANGUAGE, fields.text("filter"));
  const asked = parseOrder(RUN_LANGUAGE, fields.texts("order_by"));
  const orders = [...asked, ...parseOrder(RUN_LANGUAGE, NATURAL_ORDER)];
  const maxResults = positive(fields.integer("max_results") ?? 1_000, 50_000);
  const view = fields.word("run_view_type", VIEW_TYPES);
  const experiments = knownExperiments(state, fields.texts("experiment_ids"));
  const pageToken = fields.text("page_token");

  const onMetrics = clauses.filter(({ field }) => field.entity === "metric");
  const onRest = clauses.filter(({ field }) => field.entity !== "metric");
  const candidates: StoredRun[] = [];
  for (const run of state.runs.values()) {
    if (!experiments.has(run.info.experiment_id) || !isInView(run.info.lifecycle_stage, view)) continue;
    if (matches(onRest, (field) => runValue(run, field, undefined))) candidates.push(run);
  }
  const found = await withSortValues(stores, { candidates, onMetrics, orders });
  found.sort((a, b) => compareBy(orders, a.key, b.key));
  const page = cutPage(found, { maxResults, pageToken });
  return jsonList("runs", eachJson(stores, page.items), { next_page_token: page.next_page_token });
}

interface Found {
  readonly run: StoredRun;
  readonly key: readonly SortValue[];
}

async function withSortValues(
  stores: Stores,
  input: { candidates: readonly StoredRun[]; onMetrics: readonly Clause[]; orders: readonly Order[] },
): Promise<Found[]> {
  const { candidates, onMetrics, orders } = input;
  const wanted = new Set(
    [...onMetrics, ...orders].filter(({ field }) => field.entity === "metric").map(({ field }) => field.key),
  );
  const readOne = async (run: StoredRun): Promise<Found | undefined> => {
    const metrics = wanted.size > 0 ? await stores.metrics.latest(run.info.run_id, wanted) : undefined;
    if (!matches(onMetrics, (field) => runValue(run, field, metrics))) return undefined;
    return { run, key: orders.map(({ field }) => sortValue(runValue(run, field, metrics))) };
  };
  const found: Found[] = [];
  for (let from = 0; from < candidates.length; from += READ_AT_ONCE) {
    const some = await Promise.all(candidates.slice(from, from + READ_AT_ONCE).map(readOne));
    found.push(...some.filter((one) => one !== undefined));
  }
  return found;
}

/** Files of metrics: enough to keep the disk busy, few enough for memory. */
const READ_AT_ONCE = 16;

function sortValue(value: string | number | undefined | readonly string[]): SortValue {
  return typeof value === "object" ? value[0] : value;
}

async function* eachJson(stores: Stores, found: readonly Found[]): AsyncGenerator<unknown> {
  for (const { run } of found) yield runJson(run, await stores.metrics.latest(run.info.run_id));
}
