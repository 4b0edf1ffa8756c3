import type {
  DatasetInput,
  ModelMetric,
  ModelOutput,
  StoredExperiment,
  StoredLoggedModel,
  StoredModel,
  StoredRunInfo,
  StoredVersion,
} from "./entities.ts";
import type { CatalogueEvent } from "./events.ts";

/** Everything but metrics and files, in memory: a run costs about 1 kB. Changed by {@link applyEvent} alone. */
export interface CatalogueState {
  /** By id. */
  readonly experiments: Map<string, StoredExperiment>;
  /** By id, in order of creation. */
  readonly runs: Map<string, StoredRun>;
  /** By name. */
  readonly models: Map<string, RegisteredModelState>;
  /** By id. */
  readonly loggedModels: Map<string, LoggedModelState>;
}

export interface StoredRun {
  info: StoredRunInfo;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly datasets: DatasetInput[];
  readonly modelInputs: string[];
  readonly modelOutputs: ModelOutput[];
}

export interface RegisteredModelState {
  model: StoredModel;
  readonly versions: Map<number, StoredVersion>;
}

export interface LoggedModelState {
  model: StoredLoggedModel;
  /** By key, run and data set. */
  readonly metrics: Map<string, ModelMetric>;
}

export function emptyCatalogue(): CatalogueState {
  return { experiments: new Map(), runs: new Map(), models: new Map(), loggedModels: new Map() };
}

/** An event about something that is not there is left out: its entity was deleted by a later one before a rewrite. */
export function applyEvent(state: CatalogueState, event: CatalogueEvent): void {
  switch (event.kind) {
    case "experiment":
      state.experiments.set(event.experiment.experiment_id, event.experiment);
      return;
    case "run":
      applyRun(state, event.info);
      return;
    case "run-data": {
      const run = state.runs.get(event.run_id);
      for (const [key, value] of event.params ?? []) run?.params.set(key, value);
      for (const [key, value] of event.tags ?? []) run?.tags.set(key, value);
      if (event.untag !== undefined) run?.tags.delete(event.untag);
      return;
    }
    case "run-links": {
      const run = state.runs.get(event.run_id);
      run?.datasets.push(...(event.datasets ?? []));
      run?.modelInputs.push(...(event.model_inputs ?? []));
      run?.modelOutputs.push(...(event.model_outputs ?? []));
      return;
    }
    case "model": {
      const known = state.models.get(event.model.name);
      if (known === undefined)
        state.models.set(event.model.name, { model: event.model, versions: new Map() });
      else known.model = event.model;
      return;
    }
    case "model-renamed":
      applyRename(state, event.name, event.new_name);
      return;
    case "model-deleted":
      state.models.delete(event.name);
      return;
    case "version":
      state.models.get(event.version.name)?.versions.set(event.version.version, event.version);
      return;
    case "version-deleted":
      state.models.get(event.name)?.versions.delete(event.version);
      return;
    case "logged-model": {
      const known = state.loggedModels.get(event.model.model_id);
      if (known === undefined)
        state.loggedModels.set(event.model.model_id, { model: event.model, metrics: new Map() });
      else known.model = event.model;
      return;
    }
    case "logged-model-metrics": {
      const metrics = state.loggedModels.get(event.model_id)?.metrics;
      for (const metric of event.metrics) metrics?.set(metricIdentity(metric), metric);
      return;
    }
  }
}

/** The events that make this state from nothing: what the log is rewritten with. */
export function* eventsOf(state: CatalogueState): Generator<CatalogueEvent> {
  for (const experiment of state.experiments.values()) yield { kind: "experiment", experiment };
  for (const run of state.runs.values()) {
    const { run_id } = run.info;
    yield { kind: "run", info: run.info };
    if (run.params.size + run.tags.size > 0)
      yield { kind: "run-data", run_id, params: [...run.params], tags: [...run.tags] };
    if (run.datasets.length + run.modelInputs.length + run.modelOutputs.length > 0) {
      const links = {
        datasets: run.datasets,
        model_inputs: run.modelInputs,
        model_outputs: run.modelOutputs,
      };
      yield { kind: "run-links", run_id, ...links };
    }
  }
  for (const { model, versions } of state.models.values()) {
    yield { kind: "model", model };
    for (const version of versions.values()) yield { kind: "version", version };
  }
  for (const { model, metrics } of state.loggedModels.values()) {
    yield { kind: "logged-model", model };
    if (metrics.size > 0)
      yield { kind: "logged-model-metrics", model_id: model.model_id, metrics: [...metrics.values()] };
  }
}

function applyRun(state: CatalogueState, info: StoredRunInfo): void {
  const known = state.runs.get(info.run_id);
  if (known !== undefined) {
    known.info = info;
    return;
  }
  state.runs.set(info.run_id, {
    info,
    params: new Map(),
    tags: new Map(),
    datasets: [],
    modelInputs: [],
    modelOutputs: [],
  });
}

function applyRename(state: CatalogueState, name: string, newName: string): void {
  const known = state.models.get(name);
  if (known === undefined) return;
  state.models.delete(name);
  const versions = new Map([...known.versions].map(([number, one]) => [number, { ...one, name: newName }]));
  state.models.set(newName, { model: { ...known.model, name: newName }, versions });
}

function metricIdentity(metric: ModelMetric): string {
  return [metric.key, metric.run_id, metric.dataset_name, metric.dataset_digest].join("\u0000");
}
