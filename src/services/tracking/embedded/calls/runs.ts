import { randomUUID } from "node:crypto";
import type { RunStatus } from "../../schema.ts";
import type { Answer, Call, Handler } from "../call.ts";
import { invalid, missing } from "../mlflow-error.ts";
import { checkKey, checkRunId, cutTagValue } from "../names.ts";
import { runInfoJson, runJson } from "../run-json.ts";
import { inventRunName } from "../run-name.ts";
import type { CatalogueState, StoredRun } from "../store/catalogue-state.ts";
import type { DatasetInput, StoredRunInfo } from "../store/entities.ts";
import type { CatalogueEvent } from "../store/events.ts";
import { NO_METRICS } from "../store/latest-points.ts";
import { findActiveExperiment } from "./experiments.ts";
import { lastOfEachKey, pairsOf } from "./pairs.ts";

const STATUS_NUMBERS: Readonly<Record<RunStatus, number>> = {
  RUNNING: 1,
  SCHEDULED: 2,
  FINISHED: 3,
  FAILED: 4,
  KILLED: 5,
};

/** The tag that holds a run's name, in step with its `run_name`. */
export const RUN_NAME_TAG = "mlflow.runName";

export const runCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/runs/create": create,
  "GET mlflow/runs/get": get,
  "POST mlflow/runs/update": update,
  "POST mlflow/runs/delete": (call) => setStage(call, "deleted"),
  "POST mlflow/runs/restore": (call) => setStage(call, "active"),
  "POST mlflow/runs/set-tag": setTag,
  "POST mlflow/runs/delete-tag": deleteTag,
  "POST mlflow/runs/log-inputs": logInputs,
  "POST mlflow/runs/outputs": logOutputs,
  "POST mlflow/runs/log-model": logModel,
};

export function findRun(state: CatalogueState, runId: string): StoredRun {
  const found = state.runs.get(runId);
  if (found === undefined) throw missing(`Run with id=${runId} not found`);
  return found;
}

/** {@link findRun}, refused when it is deleted. */
export function findActiveRun(state: CatalogueState, runId: string): StoredRun {
  const run = findRun(state, runId);
  if (run.info.lifecycle_stage === "active") return run;
  throw invalid(`The run ${runId} must be in the 'active' state. Current state is deleted.`);
}

/** What setting tags on a run means: the name's tag renames it. */
export function tagEvents(
  run: StoredRun,
  tags: readonly { readonly key: string; readonly value: string }[],
): readonly CatalogueEvent[] {
  if (tags.length === 0) return [];
  const { run_id } = run.info;
  const name = tags.findLast((tag) => tag.key === RUN_NAME_TAG && tag.value !== "")?.value;
  const kept = lastOfEachKey(tags.filter((tag) => tag.key !== RUN_NAME_TAG || tag.value !== ""));
  return [
    { kind: "run-data", run_id, tags: kept.map(({ key, value }): [string, string] => [key, value]) },
    ...(name === undefined ? [] : [{ kind: "run", info: { ...run.info, run_name: name } } as const]),
  ];
}

function create({ stores, fields }: Call): Promise<Answer> {
  const experimentId = fields.required("experiment_id");
  const tags = lastOfEachKey(pairsOf(fields)).map(({ key, value }) => ({ key, value: cutTagValue(value) }));
  const named = fields.text("run_name");
  const tagged = tags.find((tag) => tag.key === RUN_NAME_TAG)?.value ?? "";
  if (named !== "" && tagged !== "" && named !== tagged) {
    throw invalid(
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values " +
        `(run_name='${named}', mlflow.runName='${tagged}').`,
    );
  }
  const run_name = named || tagged || inventRunName();
  const startTime = fields.integer("start_time") ?? 0;
  const userId = fields.text("user_id");
  return stores.catalogue.change((state) => {
    const experiment = findActiveExperiment(state, experimentId);
    const run_id = randomUUID().replaceAll("-", "");
    const info: StoredRunInfo = {
      run_id,
      experiment_id: experiment.experiment_id,
      run_name,
      user_id: userId,
      status: "RUNNING",
      start_time: startTime,
      end_time: null,
      artifact_uri: `${experiment.artifact_location.replace(/\/+$/, "")}/${run_id}/artifacts`,
      lifecycle_stage: "active",
    };
    const all = lastOfEachKey([...tags, { key: RUN_NAME_TAG, value: run_name }]);
    return {
      events: [
        { kind: "run", info },
        { kind: "run-data", run_id, tags: all.map(({ key, value }): [string, string] => [key, value]) },
      ],
      result: () => ({ run: runJson(findRun(state, run_id), NO_METRICS) }),
    };
  });
}

async function get({ stores, fields }: Call): Promise<Answer> {
  const run = findRun(stores.catalogue.state, fields.runId());
  return { run: runJson(run, await stores.metrics.latest(run.info.run_id)) };
}

function update({ stores, fields }: Call): Promise<Answer> {
  const runId = fields.runId();
  const status = fields.word("status", STATUS_NUMBERS);
  const endTime = fields.integer("end_time");
  const runName = fields.text("run_name");
  return stores.catalogue.change((state) => {
    const run = findActiveRun(state, runId);
    const info: StoredRunInfo = {
      ...run.info,
      ...(status === undefined ? {} : { status }),
      ...(endTime === undefined ? {} : { end_time: endTime }),
      ...(runName === "" ? {} : { run_name: runName }),
    };
    const renamed: CatalogueEvent[] =
      runName === "" ? [] : [{ kind: "run-data", run_id: runId, tags: [[RUN_NAME_TAG, runName]] }];
    return {
      events: [{ kind: "run", info }, ...renamed],
      result: () => ({ run_info: runInfoJson(findRun(state, runId)) }),
    };
  });
}

function setStage({ stores, fields }: Call, stage: "active" | "deleted"): Promise<Answer> {
  const runId = fields.runId();
  return stores.catalogue.change((state) => {
    const { info } = findRun(state, runId);
    return { events: [{ kind: "run", info: { ...info, lifecycle_stage: stage } }], result: () => ({}) };
  });
}

function setTag({ stores, fields }: Call): Promise<Answer> {
  const runId = fields.runId();
  const tag = { key: checkKey(fields.required("key"), "key"), value: cutTagValue(fields.text("value")) };
  return stores.catalogue.change((state) => ({
    events: tagEvents(findActiveRun(state, runId), [tag]),
    result: () => ({}),
  }));
}

function deleteTag({ stores, fields }: Call): Promise<Answer> {
  const runId = fields.runId();
  const key = fields.required("key");
  return stores.catalogue.change((state) => {
    const run = findActiveRun(state, runId);
    if (!run.tags.has(key)) throw missing(`No tag with name: ${key} in run with id ${runId}`);
    return { events: [{ kind: "run-data", run_id: runId, untag: key }], result: () => ({}) };
  });
}

function logInputs({ stores, fields }: Call): Promise<Answer> {
  const runId = checkRunId(fields.runId());
  const datasets = fields.entries("datasets").map((entry): DatasetInput => {
    const dataset = entry.nested("dataset");
    return {
      tags: pairsOf(entry),
      dataset: {
        name: dataset.required("name"),
        digest: dataset.required("digest"),
        source_type: dataset.text("source_type"),
        source: dataset.text("source"),
        ...(dataset.has("schema") ? { schema: dataset.text("schema") } : {}),
        ...(dataset.has("profile") ? { profile: dataset.text("profile") } : {}),
      },
    };
  });
  const models = fields.entries("models").map((entry) => entry.required("model_id"));
  return stores.catalogue.change((state) => {
    const run = findActiveRun(state, runId);
    const known = new Set(run.datasets.map(datasetKey));
    const fresh = [...new Map(datasets.map((one) => [datasetKey(one), one])).entries()]
      .filter(([key]) => !known.has(key))
      .map(([, one]) => one);
    return {
      events: [{ kind: "run-links", run_id: runId, datasets: fresh, model_inputs: models }],
      result: () => ({}),
    };
  });
}

function datasetKey({ dataset }: DatasetInput): string {
  return `${dataset.name}\u0000${dataset.digest}`;
}

function logOutputs({ stores, fields }: Call): Promise<Answer> {
  const runId = fields.runId();
  const model_outputs = fields
    .entries("models")
    .map((entry) => ({ model_id: entry.required("model_id"), step: entry.integer("step") ?? 0 }));
  if (model_outputs.length === 0) throw invalid("Missing value for required parameter 'models'.");
  return stores.catalogue.change((state) => {
    findActiveRun(state, runId);
    return { events: [{ kind: "run-links", run_id: runId, model_outputs }], result: () => ({}) };
  });
}

/** What clients before 3.0 say of a model that they put among a run's artifacts: it is added to a tag. */
function logModel({ stores, fields }: Call): Promise<Answer> {
  const runId = fields.runId();
  const text = fields.required("model_json");
  const model = parseJson(text);
  if (typeof model !== "object" || model === null || Array.isArray(model)) {
    throw invalid("Malformed model info: it is not a JSON object.");
  }
  const lacking = ["artifact_path", "flavors", "utc_time_created", "run_id"].filter((key) => !(key in model));
  if (lacking.length > 0) throw invalid(`Model json is missing mandatory fields: ${lacking.join(", ")}`);
  return stores.catalogue.change((state) => {
    const run = findActiveRun(state, runId);
    const before = parseJson(run.tags.get("mlflow.log-model.history") ?? "[]");
    const value = JSON.stringify([...(Array.isArray(before) ? before : []), model]);
    return { events: tagEvents(run, [{ key: "mlflow.log-model.history", value }]), result: () => ({}) };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Malformed model info: it is not valid JSON.");
  }
}
