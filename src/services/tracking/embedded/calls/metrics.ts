import { type Answer, type Call, type Handler, jsonList } from "../call.ts";
import type { Fields } from "../fields.ts";
import { invalid } from "../mlflow-error.ts";
import { checkKey, checkRunId, cutParamValue, cutTagValue } from "../names.ts";
import { metricJson } from "../run-json.ts";
import { cutPage } from "../search/page.ts";
import { positive } from "../search/view.ts";
import type { CatalogueState, StoredRun } from "../store/catalogue-state.ts";
import type { CatalogueEvent } from "../store/events.ts";
import type { MetricPoint } from "../store/metric-block.ts";
import { findActiveRun, tagEvents } from "./runs.ts";

export const metricCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/runs/log-metric": logMetric,
  "POST mlflow/runs/log-parameter": logParam,
  "POST mlflow/runs/log-batch": logBatch,
  "GET mlflow/metrics/get-history": history,
  "GET mlflow/metrics/get-history-bulk": historyOfRuns,
  "GET mlflow/metrics/get-history-bulk-interval": historyBySteps,
};

/** SQL stores have no infinities: MLflow's keeps the largest double in their place. */
const LARGEST = Number.MAX_VALUE;

interface LoggedMetric extends MetricPoint {
  readonly modelId: string;
  readonly datasetName: string;
  readonly datasetDigest: string;
}

function readMetric(fields: Fields, path: string): LoggedMetric {
  const at = path === "" ? "name" : `${path}.name`;
  const value = fields.requiredDouble("value");
  const timestamp = fields.requiredInteger("timestamp");
  if (timestamp < 0) throw invalid(`Timestamp must be a nonnegative long (64-bit integer), got ${timestamp}`);
  return {
    key: checkKey(fields.required("key"), at),
    value: Math.abs(value) === Number.POSITIVE_INFINITY ? Math.sign(value) * LARGEST : value,
    timestamp,
    step: fields.integer("step") ?? 0,
    modelId: fields.text("model_id"),
    datasetName: fields.text("dataset_name"),
    datasetDigest: fields.text("dataset_digest"),
  };
}

async function logMetric(call: Call): Promise<Answer> {
  const runId = call.fields.runId();
  await logAll(call, runId, { metrics: [readMetric(call.fields, "")], params: [], tags: [] });
  return {};
}

async function logParam(call: Call): Promise<Answer> {
  const runId = call.fields.runId();
  const key = checkKey(call.fields.required("key"), "key");
  const params = [{ key, value: cutParamValue(call.fields.text("value")) }];
  await logAll(call, runId, { metrics: [], params, tags: [] });
  return {};
}

async function logBatch(call: Call): Promise<Answer> {
  const { fields } = call;
  const runId = checkRunId(fields.runId());
  const metrics = fields.entries("metrics").map((entry, index) => readMetric(entry, `metrics[${index}]`));
  const params = fields.entries("params").map((entry, index) => ({
    key: checkKey(entry.required("key"), `params[${index}].key`),
    value: cutParamValue(entry.text("value")),
  }));
  const tags = fields.entries("tags").map((entry, index) => ({
    key: checkKey(entry.required("key"), `tags[${index}].key`),
    value: cutTagValue(entry.text("value")),
  }));
  checkLimit("metrics", metrics.length, 1_000);
  checkLimit("params", params.length, 100);
  checkLimit("tags", tags.length, 100);
  checkLimit("metrics, params, and tags", metrics.length + params.length + tags.length, 1_000);
  const keys = params.map(({ key }) => key);
  const repeated = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (repeated.length > 0) {
    throw invalid(
      `Duplicate parameter keys have been submitted: ${repeated.join(", ")}. Please ensure the request contains only ` +
        "one param value per param key.",
    );
  }
  await logAll(call, runId, { metrics, params, tags });
  return {};
}

function checkLimit(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw invalid(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} ` +
      "across multiple requests and try again.",
  );
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Params and tags first, in one change of the catalogue: a refused param stops all of the request. */
async function logAll(
  { stores }: Call,
  runId: string,
  all: { metrics: readonly LoggedMetric[]; params: readonly Pair[]; tags: readonly Pair[] },
): Promise<void> {
  const { catalogue } = stores;
  const forModels = all.metrics.filter((metric) => metric.modelId !== "");
  if (all.params.length + all.tags.length + forModels.length === 0) {
    findActiveRun(catalogue.state, runId);
  } else {
    await catalogue.change((state) => {
      const run = findActiveRun(state, runId);
      const events = [
        ...paramEvents(run, all.params),
        ...tagEvents(run, all.tags),
        ...modelMetricEvents(state, runId, forModels),
      ];
      return { events, result: () => undefined };
    });
  }
  const points = all.metrics.map(({ key, value, timestamp, step }) => ({ key, value, timestamp, step }));
  await stores.metrics.append(runId, points);
}

function paramEvents(run: StoredRun, params: readonly Pair[]): readonly CatalogueEvent[] {
  const fresh: [string, string][] = [];
  for (const { key, value } of params) {
    const known = run.params.get(key);
    if (known === undefined) fresh.push([key, value]);
    else if (known !== value) {
      throw invalid(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${known}' for ` +
          `run ID='${run.info.run_id}'. Attempted logging new value '${value}'.`,
      );
    }
  }
  return fresh.length === 0 ? [] : [{ kind: "run-data", run_id: run.info.run_id, params: fresh }];
}

function modelMetricEvents(
  state: CatalogueState,
  runId: string,
  metrics: readonly LoggedMetric[],
): readonly CatalogueEvent[] {
  return metrics
    .filter((metric) => state.loggedModels.has(metric.modelId))
    .map((metric) => ({
      kind: "logged-model-metrics",
      model_id: metric.modelId,
      metrics: [
        {
          key: metric.key,
          value: Number.isNaN(metric.value) ? null : metric.value,
          timestamp: metric.timestamp,
          step: metric.step,
          run_id: runId,
          dataset_name: metric.datasetName,
          dataset_digest: metric.datasetDigest,
        },
      ],
    }));
}

async function history({ stores, fields }: Call): Promise<Answer> {
  const runId = fields.runId();
  const key = fields.required("metric_key");
  const asked = fields.integer("max_results");
  const maxResults = asked === undefined ? Number.MAX_SAFE_INTEGER : positive(asked, Number.MAX_SAFE_INTEGER);
  const points = await historyOf(stores, runId, key);
  const page = cutPage(points, { maxResults, pageToken: fields.text("page_token") });
  return jsonList("metrics", mapped(page.items, metricJson), { next_page_token: page.next_page_token });
}

/** For the runs' own page of MLflow's: the points of up to 100 runs, 25,000 in all. */
async function historyOfRuns({ stores, fields }: Call): Promise<Answer> {
  const runIds = [...fields.texts("run_id")].sort();
  checkRunCount(runIds);
  const key = fields.required("metric_key");
  let left = Math.min(positive(fields.integer("max_results") ?? 25_000, Number.MAX_SAFE_INTEGER), 25_000);
  const all: Record<string, unknown>[] = [];
  for (const run_id of new Set(runIds)) {
    const points = (await historyOf(stores, run_id, key)).slice(0, left);
    left -= points.length;
    all.push(...points.map((point) => ({ ...metricJson(point), run_id })));
  }
  return { metrics: all };
}

/** Points between two steps, thinned out evenly to `max_results` a run; the first and the last stay. */
async function historyBySteps({ stores, fields }: Call): Promise<Answer> {
  const runIds = fields.texts("run_ids");
  checkRunCount(runIds);
  const key = fields.required("metric_key");
  const maxResults = positive(fields.integer("max_results") ?? 2_500, 2_500);
  const from = fields.integer("start_step");
  const to = fields.integer("end_step");
  if ((from === undefined) !== (to === undefined)) {
    throw invalid("If either start step or end step are specified, both must be specified.");
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw invalid(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
  }
  const all: Record<string, unknown>[] = [];
  for (const run_id of new Set(runIds)) {
    const points = (await historyOf(stores, run_id, key))
      .filter(({ step }) => step >= (from ?? step) && step <= (to ?? step))
      .sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
    all.push(...thinned(points, maxResults).map((point) => ({ ...metricJson(point), run_id })));
  }
  return jsonList("metrics", all);
}

function checkRunCount(runIds: readonly string[]): void {
  if (runIds.length === 0) throw invalid("The request must specify at least one run_id.");
  if (runIds.length > 100)
    throw invalid(`The request cannot specify more than 100 run_ids, got ${runIds.length}.`);
}

/** No run of this id is no error here: it has no points. */
function historyOf(stores: Call["stores"], runId: string, key: string): Promise<readonly MetricPoint[]> {
  return stores.catalogue.state.runs.has(runId) ? stores.metrics.history(runId, key) : Promise.resolve([]);
}

function thinned<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  const last = items.length - 1;
  return Array.from(
    { length: limit },
    (_, index) => items[Math.round((index * last) / Math.max(1, limit - 1))],
  ).filter((item) => item !== undefined);
}

function* mapped<T, U>(items: Iterable<T>, map: (item: T) => U): Generator<U> {
  for (const item of items) yield map(item);
}
