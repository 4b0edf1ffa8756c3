import type { Answer, Call, Handler } from "../call.ts";
import { MlflowError, missing } from "../mlflow-error.ts";
import { checkKey, checkModelName, checkRegistryTagValue, parseVersion } from "../names.ts";
import { listed } from "../run-json.ts";
import { type Clause, matches, parseFilter } from "../search/filter.ts";
import { MODEL_LANGUAGE } from "../search/language.ts";
import { compareBy, parseOrder } from "../search/order.ts";
import { cutPage } from "../search/page.ts";
import { positive } from "../search/view.ts";
import type { CatalogueState, RegisteredModelState } from "../store/catalogue-state.ts";
import type { StoredModel, StoredVersion } from "../store/entities.ts";
import type { CatalogueEvent } from "../store/events.ts";
import { lastOfEachKey, pairsOf, withTag } from "./pairs.ts";

export const registeredModelCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/registered-models/create": create,
  "GET mlflow/registered-models/get": ({ stores, fields }) => ({
    registered_model: modelJson(findModel(stores.catalogue.state, fields.required("name"))),
  }),
  "POST mlflow/registered-models/rename": rename,
  "PATCH mlflow/registered-models/update": update,
  "DELETE mlflow/registered-models/delete": remove,
  "GET mlflow/registered-models/search": search,
  "POST mlflow/registered-models/get-latest-versions": latestVersions,
  "GET mlflow/registered-models/get-latest-versions": latestVersions,
  "POST mlflow/registered-models/set-tag": setTag,
  "DELETE mlflow/registered-models/delete-tag": deleteTag,
};

/** MLflow keeps prompts among the models, with this tag; a search for models leaves them out. */
export const PROMPT_TAG = "mlflow.prompt.is_prompt";

export function findModel(state: CatalogueState, name: string): RegisteredModelState {
  const found = state.models.get(checkModelName(name));
  if (found === undefined) throw missing(`Registered Model with name=${name} not found`);
  return found;
}

export function findVersion(state: CatalogueState, name: string, version: string): StoredVersion {
  checkModelName(name);
  const number = parseVersion(version);
  const found = state.models.get(name)?.versions.get(number);
  if (found === undefined) throw missing(`Model Version (name=${name}, version=${number}) not found`);
  return found;
}

/** A version's JSON; its aliases stand in it where it was asked for alone, as MLflow has it. */
export function versionJson(version: StoredVersion, model?: StoredModel): Record<string, unknown> {
  const { storage_location: _, model_id, tags, version: number, ...rest } = version;
  const aliases = (model?.aliases ?? []).filter((alias) => alias.version === number);
  return {
    ...rest,
    version: String(number),
    status: "READY",
    ...listed("tags", tags),
    ...listed(
      "aliases",
      aliases.map(({ alias }) => alias),
    ),
    ...(model_id === "" ? {} : { model_id }),
  };
}

function modelJson({ model, versions }: RegisteredModelState): Record<string, unknown> {
  const { name, creation_timestamp, last_updated_timestamp, description, tags, aliases } = model;
  return {
    name,
    creation_timestamp,
    last_updated_timestamp,
    ...(description === "" ? {} : { description }),
    ...listed(
      "latest_versions",
      latestOfStages(versions).map((version) => versionJson(version)),
    ),
    ...listed("tags", tags),
    ...listed(
      "aliases",
      aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
    ),
  };
}

/** The highest version of each stage that has one. */
function latestOfStages(versions: ReadonlyMap<number, StoredVersion>): readonly StoredVersion[] {
  const latest = new Map<string, StoredVersion>();
  for (const version of versions.values()) {
    const known = latest.get(version.current_stage);
    if (known === undefined || known.version < version.version) latest.set(version.current_stage, version);
  }
  return [...latest.values()];
}

function create({ stores, fields }: Call): Promise<Answer> {
  const name = checkModelName(fields.required("name"));
  const description = fields.text("description");
  const tags = lastOfEachKey(pairsOf(fields));
  for (const tag of tags) checkRegistryTagValue(tag.value);
  return stores.catalogue.change((state) => {
    if (state.models.has(name)) throw taken(name);
    const now = stores.clock.now();
    const model: StoredModel = {
      name,
      creation_timestamp: now,
      last_updated_timestamp: now,
      description,
      tags,
      aliases: [],
      last_version: 0,
    };
    return {
      events: [{ kind: "model", model }],
      result: () => ({ registered_model: modelJson(findModel(state, name)) }),
    };
  });
}

function taken(name: string): MlflowError {
  return new MlflowError("RESOURCE_ALREADY_EXISTS", `Registered Model (name=${name}) already exists.`);
}

function rename({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const newName = checkModelName(fields.required("new_name"));
  return stores.catalogue.change((state) => {
    const { model, versions } = findModel(state, name);
    if (newName !== name && state.models.has(newName)) throw taken(newName);
    const last_updated_timestamp = stores.clock.now();
    const changes: CatalogueEvent[] = [
      { kind: "model", model: { ...model, last_updated_timestamp } },
      ...[...versions.values()].map(
        (version) => ({ kind: "version", version: { ...version, last_updated_timestamp } }) as const,
      ),
      { kind: "model-renamed", name, new_name: newName },
    ];
    return {
      events: changes,
      result: () => ({ registered_model: modelJson(findModel(state, newName)) }),
    };
  });
}

function update({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const description = fields.text("description");
  return stores.catalogue.change((state) => {
    const { model } = findModel(state, name);
    return {
      events: [
        { kind: "model", model: { ...model, description, last_updated_timestamp: stores.clock.now() } },
      ],
      result: () => ({ registered_model: modelJson(findModel(state, name)) }),
    };
  });
}

function remove({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  return stores.catalogue.change((state) => {
    findModel(state, name);
    return { events: [{ kind: "model-deleted", name }], result: () => ({}) };
  });
}

function search({ stores, fields }: Call): Answer {
  const filter = parseFilter(MODEL_LANGUAGE, fields.text("filter"));
  const orders = [
    ...parseOrder(MODEL_LANGUAGE, fields.texts("order_by")),
    ...parseOrder(MODEL_LANGUAGE, ["name ASC"]),
  ];
  const maxResults = positive(fields.integer("max_results") ?? 100, 1_000);
  const { wantsPrompts, clauses } = splitPromptClause(filter);
  const orderValue = (one: RegisteredModelState, key: string) =>
    key === "name" ? one.model.name : one.model.last_updated_timestamp;
  const found = [...stores.catalogue.state.models.values()]
    .filter((one) => isPrompt(one.model.tags) === wantsPrompts)
    .filter(({ model }) =>
      matches(clauses, ({ entity, key }) =>
        entity === "tag" ? model.tags.find((tag) => tag.key === key)?.value : model.name,
      ),
    )
    .map((one) => ({ one, key: orders.map(({ field }) => orderValue(one, field.key)) }))
    .sort((a, b) => compareBy(orders, a.key, b.key));
  const page = cutPage(found, { maxResults, pageToken: fields.text("page_token") });
  return {
    ...listed(
      "registered_models",
      page.items.map(({ one }) => modelJson(one)),
    ),
    next_page_token: page.next_page_token,
  };
}

export function isPrompt(tags: StoredModel["tags"]): boolean {
  return tags.some((tag) => tag.key === PROMPT_TAG && tag.value.toLowerCase() === "true");
}

/** Whether a filter asks for prompts, and the rest of it. */
export function splitPromptClause(filter: readonly Clause[]): {
  wantsPrompts: boolean;
  clauses: readonly Clause[];
} {
  const isOfPrompts = ({ field }: Clause) => field.entity === "tag" && field.key === PROMPT_TAG;
  const wantsPrompts = filter.some((clause) => {
    const value = String(clause.value).toLowerCase();
    const isFor = clause.comparator === "=" && value === "true";
    return isOfPrompts(clause) && (isFor || (clause.comparator === "!=" && value === "false"));
  });
  return { wantsPrompts, clauses: filter.filter((clause) => !isOfPrompts(clause)) };
}

function latestVersions({ stores, fields }: Call): Answer {
  const { model, versions } = findModel(stores.catalogue.state, fields.required("name"));
  const stages = fields.texts("stages").map((stage) => stage.toLowerCase());
  const found = latestOfStages(versions).filter(
    (version) => stages.length === 0 || stages.includes(version.current_stage.toLowerCase()),
  );
  return listed(
    "model_versions",
    found.map((version) => versionJson(version, model)),
  );
}

function setTag({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const key = checkKey(fields.required("key"), "key");
  const value = checkRegistryTagValue(fields.text("value"));
  return stores.catalogue.change((state) => {
    const { model } = findModel(state, name);
    return {
      events: [{ kind: "model", model: { ...model, tags: withTag(model.tags, key, value) } }],
      result: () => ({}),
    };
  });
}

function deleteTag({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const key = fields.required("key");
  return stores.catalogue.change((state) => {
    const { model } = findModel(state, name);
    const tags = model.tags.filter((tag) => tag.key !== key);
    return { events: [{ kind: "model", model: { ...model, tags } }], result: () => ({}) };
  });
}
