import { randomUUID } from "node:crypto";
import type { Answer, Call, Handler } from "../call.ts";
import type { Fields } from "../fields.ts";
import { invalid, missing } from "../mlflow-error.ts";
import { checkLoggedModelName } from "../names.ts";
import { listed, valueJson } from "../run-json.ts";
import { inventRunName } from "../run-name.ts";
import { matches, parseFilter } from "../search/filter.ts";
import { type Field, LOGGED_MODEL_LANGUAGE, parseField } from "../search/language.ts";
import { compareBy } from "../search/order.ts";
import { cutPage } from "../search/page.ts";
import { positive } from "../search/view.ts";
import type { CatalogueState, LoggedModelState } from "../store/catalogue-state.ts";
import { LOGGED_MODEL_STATUSES, type ModelMetric, type StoredLoggedModel } from "../store/entities.ts";
import { findActiveExperiment, knownExperiments } from "./experiments.ts";
import { lastOfEachKey } from "./pairs.ts";

export const loggedModelCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/logged-models": create,
  "POST mlflow/logged-models/search": search,
  "GET mlflow/logged-models/{model_id}": ({ stores, fields, path }) => {
    const found = findLoggedModel(stores.catalogue.state, path.model_id);
    if (found.model.lifecycle_stage === "deleted" && fields.text("allow_deleted").toLowerCase() !== "true")
      throw absent(path.model_id);
    return { model: modelJson(found) };
  },
  "PATCH mlflow/logged-models/{model_id}": finalize,
  "DELETE mlflow/logged-models/{model_id}": async (call) => {
    await change(call, () => ({ lifecycle_stage: "deleted" }));
    return {};
  },
  "PATCH mlflow/logged-models/{model_id}/tags": async (call) => {
    const tags = pairs(call.fields, "tags");
    await change(call, (model) => ({ tags: lastOfEachKey([...model.tags, ...tags]) }));
    return {};
  },
  "DELETE mlflow/logged-models/{model_id}/tags/{tag_key}": async (call) => {
    const { model_id, tag_key } = call.path;
    await change(call, (model) => {
      const tags = model.tags.filter((tag) => tag.key !== tag_key);
      if (tags.length === model.tags.length)
        throw missing(`No tag with key '${tag_key}' found for model with ID '${model_id}'.`);
      return { tags };
    });
    return {};
  },
  "POST mlflow/logged-models/{model_id}/params": async (call) => {
    const params = pairs(call.fields, "params");
    await change(call, (model) => ({ params: lastOfEachKey([...model.params, ...params]) }));
    return {};
  },
};

/** The logged model of an id, a deleted one too. */
export function findLoggedModel(state: CatalogueState, id: string | undefined): LoggedModelState {
  const found = state.loggedModels.get(id ?? "");
  if (found === undefined) throw absent(id);
  return found;
}

function absent(id: string | undefined): Error {
  return missing(`Logged model with ID '${id ?? ""}' not found.`);
}

function pairs(fields: Fields, name: string): { key: string; value: string }[] {
  return fields.entries(name).map((entry) => ({ key: entry.required("key"), value: entry.text("value") }));
}

function modelJson({ model, metrics }: LoggedModelState): Record<string, unknown> {
  const { tags, params, lifecycle_stage: _, ...info } = model;
  return {
    info: { ...info, ...listed("tags", tags) },
    data: {
      ...listed("params", params),
      ...listed(
        "metrics",
        [...metrics.values()].map((metric) => metricJson(metric, model.model_id)),
      ),
    },
  };
}

function metricJson(metric: ModelMetric, model_id: string): Record<string, unknown> {
  const { dataset_name, dataset_digest, value, ...rest } = metric;
  return {
    ...rest,
    value: valueJson(value ?? Number.NaN),
    model_id,
    ...(dataset_name === "" ? {} : { dataset_name }),
    ...(dataset_digest === "" ? {} : { dataset_digest }),
  };
}

function create({ stores, fields }: Call): Promise<Answer> {
  const experimentId = fields.required("experiment_id");
  const name = checkLoggedModelName(fields.text("name")) || inventRunName();
  const given = {
    model_type: fields.text("model_type"),
    source_run_id: fields.text("source_run_id"),
    tags: lastOfEachKey(pairs(fields, "tags")),
    params: lastOfEachKey(pairs(fields, "params")),
  };
  return stores.catalogue.change((state) => {
    const experiment = findActiveExperiment(state, experimentId);
    const model_id = `m-${randomUUID().replaceAll("-", "")}`;
    const now = stores.clock.now();
    const model: StoredLoggedModel = {
      model_id,
      experiment_id: experiment.experiment_id,
      name,
      creation_timestamp_ms: now,
      last_updated_timestamp_ms: now,
      artifact_uri: `${experiment.artifact_location.replace(/\/+$/, "")}/models/${model_id}/artifacts`,
      status: "LOGGED_MODEL_PENDING",
      lifecycle_stage: "active",
      ...given,
    };
    return {
      events: [{ kind: "logged-model", model }],
      result: () => ({ model: modelJson(findLoggedModel(state, model_id)) }),
    };
  });
}

function finalize(call: Call): Promise<Answer> {
  const numbers = Object.fromEntries(LOGGED_MODEL_STATUSES.map((status, index) => [status, index]));
  const word = call.fields.word("status", numbers);
  const status = LOGGED_MODEL_STATUSES.find((one) => one === word);
  if (status === undefined) throw invalid("Missing value for required parameter 'status'.");
  return change(call, () => ({ status }));
}

function change(
  { stores, path }: Call,
  decide: (model: StoredLoggedModel) => Partial<StoredLoggedModel>,
): Promise<Answer> {
  return stores.catalogue.change((state) => {
    const { model } = findLoggedModel(state, path.model_id);
    const changed = { ...model, last_updated_timestamp_ms: stores.clock.now(), ...decide(model) };
    return {
      events: [{ kind: "logged-model", model: changed }],
      result: () => ({ model: modelJson(findLoggedModel(state, model.model_id)) }),
    };
  });
}

function search({ stores, fields }: Call): Answer {
  const { state } = stores.catalogue;
  const experiments = knownExperiments(state, fields.texts("experiment_ids"));
  const clauses = parseFilter(LOGGED_MODEL_LANGUAGE, fields.text("filter"));
  const datasets = fields
    .entries("datasets")
    .map((entry) => ({ name: entry.required("dataset_name"), digest: entry.text("dataset_digest") }));
  const orders = [...fields.entries("order_by").map(readOrder), ...NATURAL_ORDER];
  const maxResults = positive(fields.integer("max_results") ?? 100, 50_000);
  const isOfDatasets = (metric: ModelMetric) =>
    datasets.length === 0 ||
    datasets.some(({ name, digest }) => {
      const isDigest = digest === "" || metric.dataset_digest === digest;
      return metric.dataset_name === name && isDigest;
    });
  const found = [...state.loggedModels.values()]
    .filter(({ model }) => model.lifecycle_stage === "active" && experiments.has(model.experiment_id))
    .filter(({ metrics }) => datasets.length === 0 || [...metrics.values()].some(isOfDatasets))
    .filter((one) =>
      clauses.every((clause) =>
        clause.field.entity === "metric"
          ? metricsOf(one, clause.field.key, isOfDatasets).some((metric) =>
              matches([clause], () => metric.value ?? Number.NaN),
            )
          : matches([clause], (field) => textValue(one, field)),
      ),
    )
    .map((one) => ({ one, key: orders.map((order) => sortValue(one, order)) }))
    .sort((a, b) => compareBy(orders, a.key, b.key));
  const page = cutPage(found, { maxResults, pageToken: fields.text("page_token") });
  return {
    ...listed(
      "models",
      page.items.map(({ one }) => modelJson(one)),
    ),
    next_page_token: page.next_page_token,
  };
}

interface ModelOrder {
  readonly field: Field;
  readonly isAscending: boolean;
  readonly dataset: { readonly name: string; readonly digest: string };
}

const anyDataset = { name: "", digest: "" };
const NATURAL_ORDER: readonly ModelOrder[] = [
  {
    field: parseField(LOGGED_MODEL_LANGUAGE, "creation_timestamp_ms", "order"),
    isAscending: false,
    dataset: anyDataset,
  },
  { field: parseField(LOGGED_MODEL_LANGUAGE, "model_id", "order"), isAscending: true, dataset: anyDataset },
];

function readOrder(entry: Fields): ModelOrder {
  return {
    field: parseField(LOGGED_MODEL_LANGUAGE, entry.required("field_name"), "order"),
    isAscending: !entry.has("ascending") || entry.flag("ascending"),
    dataset: { name: entry.text("dataset_name"), digest: entry.text("dataset_digest") },
  };
}

function sortValue(one: LoggedModelState, { field, dataset }: ModelOrder): string | number | undefined {
  if (field.entity !== "metric") return textValue(one, field);
  const isOfDataset = (metric: ModelMetric) =>
    (dataset.name === "" || metric.dataset_name === dataset.name) &&
    (dataset.digest === "" || metric.dataset_digest === dataset.digest);
  const [latest] = metricsOf(one, field.key, isOfDataset).sort(
    (a, b) => b.timestamp - a.timestamp || b.step - a.step,
  );
  return latest === undefined ? undefined : (latest.value ?? Number.NaN);
}

function metricsOf(
  { metrics }: LoggedModelState,
  key: string,
  isWanted: (metric: ModelMetric) => boolean,
): ModelMetric[] {
  return [...metrics.values()].filter((metric) => metric.key === key && isWanted(metric));
}

function textValue({ model }: LoggedModelState, field: Field): string | number | undefined {
  if (field.entity === "tag") return model.tags.find(({ key }) => key === field.key)?.value;
  if (field.entity === "param") return model.params.find(({ key }) => key === field.key)?.value;
  switch (field.key) {
    case "model_id":
      return model.model_id;
    case "experiment_id":
      return model.experiment_id;
    case "name":
      return model.name;
    case "status":
      return model.status;
    case "model_type":
      return model.model_type;
    case "source_run_id":
      return model.source_run_id;
    case "creation_timestamp_ms":
      return model.creation_timestamp_ms;
    case "last_updated_timestamp_ms":
      return model.last_updated_timestamp_ms;
    default:
      return undefined;
  }
}
