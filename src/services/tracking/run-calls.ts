import { z } from "zod";
import { type Batch, cutIntoBatches } from "./batches.ts";
import { callTracking, type TrackingTarget } from "./request.ts";
import {
  type Metric,
  metricSchema,
  type Run,
  type RunInfo,
  type RunStatus,
  runInfoSchema,
  runSchema,
  type ViewType,
} from "./schema.ts";
import { allPages, type Page, type SearchOptions, searchData, tagPairs } from "./search.ts";

export interface RunCalls {
  /** Starts a run, status RUNNING. */
  createRun(experimentId: string, options?: RunOptions): Promise<Run>;
  getRun(runId: string): Promise<Run>;
  updateRun(runId: string, change: RunChange): Promise<RunInfo>;
  /** Ends a run; default status FINISHED, default time now. */
  setTerminated(runId: string, status?: RunStatus, endTimeMs?: number): Promise<RunInfo>;
  /** Marks as deleted; {@link restoreRun} brings it back. */
  deleteRun(runId: string): Promise<void>;
  restoreRun(runId: string): Promise<void>;
  logMetric(runId: string, key: string, value: number, at?: MetricPoint): Promise<void>;
  /** The same value again is no error, another one is INVALID_PARAMETER_VALUE: params do not change. */
  logParam(runId: string, key: string, value: string): Promise<void>;
  /**
   * Logs any number of metrics, params and tags, in as many calls as the API's limits need. A refusal leaves what the
   * calls before it have logged.
   */
  logBatch(runId: string, batch: BatchInput): Promise<void>;
  setTag(runId: string, key: string, value: string): Promise<void>;
  deleteTag(runId: string, key: string): Promise<void>;
  /** All points of one metric, in order of timestamp, step, value; of one page when `maxResults` is given. */
  getMetricHistory(
    runId: string,
    key: string,
    page?: Pick<SearchOptions, "maxResults" | "pageToken">,
  ): Promise<Page<Metric>>;
  /** Default order: start time, newest first. */
  searchRuns(experimentIds: readonly string[], options?: RunSearch): Promise<Page<Run>>;
  /** {@link searchRuns} over all its pages. */
  allRuns(experimentIds: readonly string[], options?: RunSearch): AsyncGenerator<Run>;
}

export interface RunOptions {
  /** Default: a name that the server makes up. */
  readonly runName?: string | undefined;
  /** Milliseconds since 1970; default now. */
  readonly startTimeMs?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface RunChange {
  readonly status?: RunStatus | undefined;
  readonly endTimeMs?: number | undefined;
  readonly runName?: string | undefined;
}

/** Where a metric's point lies; default now, step 0. */
export interface MetricPoint {
  readonly step?: number | undefined;
  readonly timestampMs?: number | undefined;
}

export interface BatchInput {
  readonly metrics?: readonly Metric[] | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export type RunSearch = SearchOptions & { readonly viewType?: ViewType | undefined };

const nothing = z.unknown().transform(() => undefined);
const one = z.object({ run: runSchema });
const many = z.object({ runs: z.array(runSchema).default([]), next_page_token: z.string().optional() });
const history = z.object({
  metrics: z.array(metricSchema).default([]),
  next_page_token: z.string().optional(),
});

export function runCalls(target: TrackingTarget): RunCalls {
  const post = (call: string, data: Record<string, unknown>) =>
    callTracking(target, { method: "POST", call: `mlflow/runs/${call}`, data, schema: nothing });
  const postBatch = (runId: string, batch: Batch) => post("log-batch", { run_id: runId, ...batch });

  const updateRun: RunCalls["updateRun"] = async (runId, change) => {
    const { run_info } = await callTracking(target, {
      method: "POST",
      call: "mlflow/runs/update",
      data: {
        run_id: runId,
        run_uuid: runId,
        status: change.status,
        end_time: change.endTimeMs,
        run_name: change.runName,
      },
      schema: z.object({ run_info: runInfoSchema }),
    });
    return run_info;
  };

  const searchRuns: RunCalls["searchRuns"] = async (experimentIds, options = {}) => {
    const page = await callTracking(target, {
      method: "POST",
      call: "mlflow/runs/search",
      data: { experiment_ids: experimentIds, ...searchData(options), run_view_type: options.viewType },
      schema: many,
    });
    return { items: page.runs, nextPageToken: page.next_page_token };
  };

  return {
    createRun: async (experimentId, options = {}) => {
      const { run } = await callTracking(target, {
        method: "POST",
        call: "mlflow/runs/create",
        data: {
          experiment_id: experimentId,
          run_name: options.runName,
          start_time: options.startTimeMs ?? Date.now(),
          tags: tagPairs(options.tags),
        },
        schema: one,
      });
      return run;
    },
    getRun: async (runId) => {
      const { run } = await callTracking(target, {
        method: "GET",
        call: "mlflow/runs/get",
        data: { run_id: runId, run_uuid: runId },
        schema: one,
      });
      return run;
    },
    updateRun,
    setTerminated: (runId, status = "FINISHED", endTimeMs = Date.now()) =>
      updateRun(runId, { status, endTimeMs }),
    deleteRun: (runId) => post("delete", { run_id: runId }),
    restoreRun: (runId) => post("restore", { run_id: runId }),
    logMetric: (runId, key, value, at = {}) =>
      post("log-metric", {
        run_id: runId,
        run_uuid: runId,
        key,
        value,
        timestamp: at.timestampMs ?? Date.now(),
        step: at.step ?? 0,
      }),
    logParam: (runId, key, value) => post("log-parameter", { run_id: runId, run_uuid: runId, key, value }),
    logBatch: async (runId, batch) => {
      const all = {
        metrics: batch.metrics ?? [],
        params: tagPairs(batch.params) ?? [],
        tags: tagPairs(batch.tags) ?? [],
      };
      for (const part of cutIntoBatches(all)) await postBatch(runId, part);
    },
    setTag: (runId, key, value) => post("set-tag", { run_id: runId, run_uuid: runId, key, value }),
    deleteTag: (runId, key) => post("delete-tag", { run_id: runId, key }),
    getMetricHistory: async (runId, key, page = {}) => {
      const found = await callTracking(target, {
        method: "GET",
        call: "mlflow/metrics/get-history",
        data: {
          run_id: runId,
          run_uuid: runId,
          metric_key: key,
          max_results: page.maxResults,
          page_token: page.pageToken,
        },
        schema: history,
      });
      return { items: found.metrics, nextPageToken: found.next_page_token };
    },
    searchRuns,
    allRuns: (experimentIds, options = {}) =>
      allPages((pageToken) => searchRuns(experimentIds, { ...options, pageToken })),
  };
}
