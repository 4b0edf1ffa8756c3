import type { Field } from "./search/language.ts";
import type { StoredRun } from "./store/catalogue-state.ts";
import type { RunMetrics } from "./store/latest-points.ts";
import type { MetricPoint } from "./store/metric-block.ts";

/** Runs and metrics in the API's JSON: empty lists are left out, a NaN is a text. */
export function metricJson(point: MetricPoint): Record<string, unknown> {
  return { ...point, value: valueJson(point.value) };
}

export function valueJson(value: number): number | "NaN" {
  return Number.isNaN(value) ? "NaN" : value;
}

export function runInfoJson({ info }: StoredRun): Record<string, unknown> {
  const { end_time, ...rest } = info;
  return { run_uuid: info.run_id, ...rest, ...(end_time === null ? {} : { end_time }) };
}

export function runJson(run: StoredRun, metrics: RunMetrics): Record<string, unknown> {
  return {
    info: runInfoJson(run),
    data: {
      ...listed("metrics", Array.from(metrics.points(), metricJson)),
      ...listed("params", pairsJson(run.params)),
      ...listed("tags", pairsJson(run.tags)),
    },
    inputs: {
      ...listed("dataset_inputs", run.datasets),
      ...listed(
        "model_inputs",
        run.modelInputs.map((model_id) => ({ model_id })),
      ),
    },
    outputs: listed("model_outputs", run.modelOutputs),
  };
}

/** The list under its name, or nothing when it is empty. */
export function listed(name: string, items: readonly unknown[]): Record<string, unknown> {
  return items.length === 0 ? {} : { [name]: items };
}

/** What a search sees of a run. */
export function runValue(
  run: StoredRun,
  field: Field,
  metrics: RunMetrics | undefined,
): string | number | undefined | readonly string[] {
  const { info } = run;
  switch (field.entity) {
    case "metric":
      return metrics?.get(field.key)?.value;
    case "param":
      return run.params.get(field.key);
    case "tag":
      return run.tags.get(field.key);
    case "dataset":
      return datasetValues(run, field.key);
    case "attribute":
      break;
  }
  switch (field.key) {
    case "start_time":
      return info.start_time;
    case "end_time":
      return info.end_time ?? undefined;
    case "run_id":
      return info.run_id;
    case "run_name":
      return info.run_name;
    case "status":
      return info.status;
    case "artifact_uri":
      return info.artifact_uri;
    case "user_id":
      return info.user_id;
    default:
      return undefined;
  }
}

function datasetValues(run: StoredRun, key: string): readonly string[] {
  if (key === "context") {
    return run.datasets.flatMap(({ tags }) =>
      tags.filter((tag) => tag.key === "mlflow.data.context").map((tag) => tag.value),
    );
  }
  return run.datasets.map(({ dataset }) => (key === "name" ? dataset.name : dataset.digest));
}

function pairsJson(pairs: ReadonlyMap<string, string>): readonly { key: string; value: string }[] {
  return [...pairs].map(([key, value]) => ({ key, value }));
}
