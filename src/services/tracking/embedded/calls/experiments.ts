import type { Answer, Call, Handler } from "../call.ts";
import { invalid, MlflowError, missing } from "../mlflow-error.ts";
import { checkExperimentName, checkExperimentTagValue, checkKey } from "../names.ts";
import { listed } from "../run-json.ts";
import { matches, parseFilter } from "../search/filter.ts";
import { EXPERIMENT_LANGUAGE, type Field } from "../search/language.ts";
import { compareBy, parseOrder } from "../search/order.ts";
import { cutPage } from "../search/page.ts";
import { isInView, positive, VIEW_TYPES } from "../search/view.ts";
import type { CatalogueState } from "../store/catalogue-state.ts";
import type { StoredExperiment } from "../store/entities.ts";
import type { CatalogueEvent } from "../store/events.ts";
import { lastOfEachKey, pairsOf, withTag } from "./pairs.ts";

export const experimentCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/experiments/create": create,
  "GET mlflow/experiments/get": ({ stores, fields }) => ({
    experiment: experimentJson(findExperiment(stores.catalogue.state, fields.required("experiment_id"))),
  }),
  "GET mlflow/experiments/get-by-name": getByName,
  "POST mlflow/experiments/search": search,
  "GET mlflow/experiments/search": search,
  "POST mlflow/experiments/update": rename,
  "POST mlflow/experiments/delete": (call) => setStage(call, "deleted"),
  "POST mlflow/experiments/restore": (call) => setStage(call, "active"),
  "POST mlflow/experiments/set-experiment-tag": setTag,
  "POST mlflow/experiments/delete-experiment-tag": deleteTag,
};

/** The experiment of an id; throws when it is no number, or nobody's. */
export function findExperiment(state: CatalogueState, id: string): StoredExperiment {
  const found = state.experiments.get(parseExperimentId(id));
  if (found === undefined) throw missing(`No Experiment with id=${id} exists`);
  return found;
}

function parseExperimentId(id: string): string {
  if (/^-?\d{1,18}$/.test(id)) return String(Number(id));
  throw invalid(`Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`);
}

/** {@link findExperiment}, refused when it is deleted. */
export function findActiveExperiment(state: CatalogueState, id: string): StoredExperiment {
  const found = findExperiment(state, id);
  if (found.lifecycle_stage === "active") return found;
  throw invalid(`The experiment ${id} must be in the 'active' state. Current state is deleted.`);
}

/** Those of the ids that are experiments; throws for one that is no number. */
export function knownExperiments(state: CatalogueState, ids: readonly string[]): ReadonlySet<string> {
  const known = new Set<string>();
  for (const id of ids) {
    const plain = parseExperimentId(id);
    if (state.experiments.has(plain)) known.add(plain);
  }
  return known;
}

/** Experiment 0, which every server of MLflow has from the start. */
export function defaultExperiment(nowMs: number): StoredExperiment {
  return newExperiment({ id: "0", name: "Default", location: "", tags: [], nowMs });
}

function newExperiment(input: {
  id: string;
  name: string;
  location: string;
  tags: StoredExperiment["tags"];
  nowMs: number;
}): StoredExperiment {
  return {
    experiment_id: input.id,
    name: input.name,
    artifact_location: input.location === "" ? `mlflow-artifacts:/${input.id}` : input.location,
    lifecycle_stage: "active",
    creation_time: input.nowMs,
    last_update_time: input.nowMs,
    tags: input.tags,
  };
}

function experimentJson(experiment: StoredExperiment): Record<string, unknown> {
  const { tags, ...rest } = experiment;
  return { ...rest, ...listed("tags", tags) };
}

function create({ stores, fields }: Call): Promise<Answer> {
  const name = checkExperimentName(fields.required("name"));
  const location = fields.text("artifact_location");
  if (location !== "" && !/^[a-z][a-z0-9+.-]+:/i.test(location)) {
    throw invalid(
      `Invalid artifact_location '${location}': a server's has to be an address (s3://…, mlflow-artifacts:/…)`,
    );
  }
  if (/^(runs|file):/i.test(location))
    throw invalid(`Artifact location cannot be a ${location.split(":")[0]}: URI.`);
  const tags = lastOfEachKey(pairsOf(fields));
  for (const tag of tags) checkExperimentTagValue(tag.value);
  return stores.catalogue.change((state) => {
    for (const known of state.experiments.values()) {
      if (known.name === name) throw taken(name);
    }
    const id = String(1 + Math.max(0, ...[...state.experiments.keys()].map(Number)));
    const experiment = newExperiment({ id, name, location, tags, nowMs: stores.clock.now() });
    return { events: [{ kind: "experiment", experiment }], result: () => ({ experiment_id: id }) };
  });
}

function taken(name: string): MlflowError {
  return new MlflowError(
    "RESOURCE_ALREADY_EXISTS",
    `Experiment(name=${name}) already exists. A deleted experiment keeps its name: restore it, or take another.`,
  );
}

function getByName({ stores, fields }: Call): Answer {
  const name = fields.required("experiment_name");
  for (const experiment of stores.catalogue.state.experiments.values()) {
    if (experiment.name === name) return { experiment: experimentJson(experiment) };
  }
  throw missing(`Could not find experiment with name '${name}'`);
}

function search({ stores, fields }: Call): Answer {
  const clauses = parseFilter(EXPERIMENT_LANGUAGE, fields.text("filter"));
  const orders = [
    ...parseOrder(EXPERIMENT_LANGUAGE, fields.texts("order_by")),
    ...parseOrder(EXPERIMENT_LANGUAGE, ["creation_time DESC"]),
    ...parseOrder(EXPERIMENT_LANGUAGE, [
      fields.texts("order_by").length > 0 ? "experiment_id DESC" : "experiment_id ASC",
    ]),
  ];
  const maxResults = positive(fields.integer("max_results") ?? 0, 50_000);
  const view = fields.word("view_type", VIEW_TYPES);
  const found = [...stores.catalogue.state.experiments.values()]
    .filter((one) => isInView(one.lifecycle_stage, view))
    .filter((one) => matches(clauses, (field) => experimentValue(one, field, "filter")))
    .map((one) => ({ one, key: orders.map(({ field }) => experimentValue(one, field, "order")) }))
    .sort((a, b) => compareBy(orders, a.key, b.key));
  const page = cutPage(found, { maxResults, pageToken: fields.text("page_token") });
  return {
    ...listed(
      "experiments",
      page.items.map(({ one }) => experimentJson(one)),
    ),
    next_page_token: page.next_page_token,
  };
}

function experimentValue(
  experiment: StoredExperiment,
  field: Field,
  use: "filter" | "order",
): string | number | undefined {
  if (field.entity === "tag") return experiment.tags.find((tag) => tag.key === field.key)?.value;
  switch (field.key) {
    case "name":
      return experiment.name;
    case "experiment_id":
      return use === "order" ? Number(experiment.experiment_id) : experiment.experiment_id;
    case "creation_time":
      return experiment.creation_time;
    case "last_update_time":
      return experiment.last_update_time;
    default:
      return undefined;
  }
}

function rename({ stores, fields }: Call): Promise<Answer> {
  const id = fields.required("experiment_id");
  const name = checkExperimentName(fields.required("new_name"));
  return stores.catalogue.change((state) => {
    const experiment = findExperiment(state, id);
    if (experiment.lifecycle_stage !== "active") {
      throw new MlflowError("INVALID_STATE", "Cannot rename a non-active experiment.");
    }
    for (const other of state.experiments.values()) {
      if (other.name === name && other !== experiment) throw taken(name);
    }
    return changed(experiment, { name, last_update_time: stores.clock.now() });
  });
}

function setStage({ stores, fields }: Call, stage: "active" | "deleted"): Promise<Answer> {
  const id = fields.required("experiment_id");
  return stores.catalogue.change((state) => {
    const experiment = findExperiment(state, id);
    if (experiment.lifecycle_stage === stage) throw missing(`No Experiment with id=${id} exists`);
    const runs: CatalogueEvent[] = [];
    for (const { info } of state.runs.values()) {
      if (info.experiment_id === experiment.experiment_id && info.lifecycle_stage !== stage)
        runs.push({ kind: "run", info: { ...info, lifecycle_stage: stage } });
    }
    const { events, result } = changed(experiment, {
      lifecycle_stage: stage,
      last_update_time: stores.clock.now(),
    });
    return { events: [...events, ...runs], result };
  });
}

function setTag({ stores, fields }: Call): Promise<Answer> {
  const id = fields.required("experiment_id");
  const key = checkKey(fields.required("key"), "key");
  const value = checkExperimentTagValue(fields.text("value"));
  return stores.catalogue.change((state) => {
    const experiment = findActiveExperiment(state, id);
    return changed(experiment, { tags: withTag(experiment.tags, key, value) });
  });
}

function deleteTag({ stores, fields }: Call): Promise<Answer> {
  const id = fields.required("experiment_id");
  const key = fields.required("key");
  return stores.catalogue.change((state) => {
    const experiment = findActiveExperiment(state, id);
    const tags = experiment.tags.filter((tag) => tag.key !== key);
    if (tags.length === experiment.tags.length) {
      throw missing(`No tag with name: ${key} in experiment with id ${id}`);
    }
    return changed(experiment, { tags });
  });
}

function changed(experiment: StoredExperiment, change: Partial<StoredExperiment>) {
  const events: CatalogueEvent[] = [{ kind: "experiment", experiment: { ...experiment, ...change } }];
  return { events, result: () => ({}) };
}
