import type { Answer, Call, Handler } from "../call.ts";
import { invalid } from "../mlflow-error.ts";
import { checkKey, checkRegistryTagValue, parseStage } from "../names.ts";
import { listed } from "../run-json.ts";
import { matches, parseFilter } from "../search/filter.ts";
import { VERSION_LANGUAGE } from "../search/language.ts";
import { compareBy, parseOrder } from "../search/order.ts";
import { cutPage } from "../search/page.ts";
import { positive } from "../search/view.ts";
import type { CatalogueState } from "../store/catalogue-state.ts";
import type { StoredVersion } from "../store/entities.ts";
import type { CatalogueEvent } from "../store/events.ts";
import { resolveSource } from "../version-source.ts";
import { lastOfEachKey, pairsOf, withTag } from "./pairs.ts";
import { findModel, findVersion, isPrompt, splitPromptClause, versionJson } from "./registered-models.ts";

export const modelVersionCalls: Readonly<Record<string, Handler>> = {
  "POST mlflow/model-versions/create": create,
  "GET mlflow/model-versions/get": ({ stores, fields }) =>
    answer(stores.catalogue.state, fields.required("name"), fields.required("version")),
  "PATCH mlflow/model-versions/update": update,
  "POST mlflow/model-versions/transition-stage": transition,
  "DELETE mlflow/model-versions/delete": remove,
  "GET mlflow/model-versions/search": search,
  "GET mlflow/model-versions/get-download-uri": ({ stores, fields }) => {
    const found = findVersion(stores.catalogue.state, fields.required("name"), fields.required("version"));
    return { artifact_uri: found.storage_location };
  },
  "POST mlflow/model-versions/set-tag": setTag,
  "DELETE mlflow/model-versions/delete-tag": deleteTag,
};

function answer(state: CatalogueState, name: string, version: string): Answer {
  return { model_version: versionJson(findVersion(state, name, version), findModel(state, name).model) };
}

function create({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const given = {
    source: fields.required("source"),
    runId: fields.text("run_id"),
    modelId: fields.text("model_id"),
  };
  const tags = lastOfEachKey(pairsOf(fields));
  for (const tag of tags) checkRegistryTagValue(tag.value);
  return stores.catalogue.change((state) => {
    const { model } = findModel(state, name);
    const source = resolveSource(state, { ...given, isPrompt: isPrompt(tags) });
    const now = stores.clock.now();
    const version: StoredVersion = {
      name,
      version: model.last_version + 1,
      creation_timestamp: now,
      last_updated_timestamp: now,
      current_stage: "None",
      description: fields.text("description"),
      source: given.source,
      storage_location: source.storageLocation,
      run_id: source.runId,
      run_link: fields.text("run_link"),
      model_id: source.modelId,
      tags,
    };
    const changed = { ...model, last_version: version.version, last_updated_timestamp: now };
    return {
      events: [
        { kind: "model", model: changed },
        { kind: "version", version },
        ...registrationEvents(state, version),
      ],
      result: () => answer(state, name, String(version.version)),
    };
  });
}

/** A logged model says in a tag which versions were made of it. */
function registrationEvents(state: CatalogueState, version: StoredVersion): readonly CatalogueEvent[] {
  const logged = state.loggedModels.get(version.model_id);
  if (logged === undefined) return [];
  const tag = "mlflow.modelVersions";
  const before: unknown = JSON.parse(logged.model.tags.find(({ key }) => key === tag)?.value ?? "[]");
  const all = [...(Array.isArray(before) ? before : []), { name: version.name, version: version.version }];
  const tags = withTag(logged.model.tags, tag, JSON.stringify(all));
  return [{ kind: "logged-model", model: { ...logged.model, tags } }];
}

/** One change of one version, which also changes when its model was last changed. */
function change(
  { stores, fields }: Call,
  decide: (
    version: StoredVersion,
    state: CatalogueState,
  ) => { version: Partial<StoredVersion>; more?: CatalogueEvent[] },
): Promise<Answer> {
  const name = fields.required("name");
  const number = fields.required("version");
  return stores.catalogue.change((state) => {
    const version = findVersion(state, name, number);
    const decided = decide(version, state);
    return {
      events: [...(decided.more ?? []), { kind: "version", version: { ...version, ...decided.version } }],
      result: () => answer(state, name, number),
    };
  });
}

function update(call: Call): Promise<Answer> {
  const { fields, stores } = call;
  return change(call, (version) => ({
    version: {
      description: fields.has("description") ? fields.text("description") : version.description,
      last_updated_timestamp: stores.clock.now(),
    },
  }));
}

/** Stages are MLflow's old way (aliases are the new one); its clients still ask for them. */
function transition(call: Call): Promise<Answer> {
  const { fields, stores } = call;
  const stage = parseStage(fields.required("stage"));
  const isArchiving = fields.flag("archive_existing_versions");
  if (isArchiving && stage !== "Staging" && stage !== "Production") {
    throw invalid(
      `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage.`,
    );
  }
  return change(call, (version, state) => {
    const last_updated_timestamp = stores.clock.now();
    const { model, versions } = findModel(state, version.name);
    const archived = [...versions.values()]
      .filter((other) => isArchiving && other !== version && other.current_stage === stage)
      .map((other) => ({
        kind: "version" as const,
        version: { ...other, current_stage: "Archived", last_updated_timestamp },
      }));
    return {
      version: { current_stage: stage, last_updated_timestamp },
      more: [{ kind: "model", model: { ...model, last_updated_timestamp } }, ...archived],
    };
  });
}

function remove({ stores, fields }: Call): Promise<Answer> {
  const name = fields.required("name");
  const number = fields.required("version");
  return stores.catalogue.change((state) => {
    const { version } = findVersion(state, name, number);
    const { model } = findModel(state, name);
    const aliases = model.aliases.filter((alias) => alias.version !== version);
    const changed = { ...model, aliases, last_updated_timestamp: stores.clock.now() };
    return {
      events: [
        { kind: "model", model: changed },
        { kind: "version-deleted", name, version },
      ],
      result: () => ({}),
    };
  });
}

async function setTag(call: Call): Promise<Answer> {
  const key = checkKey(call.fields.required("key"), "key");
  const value = checkRegistryTagValue(call.fields.text("value"));
  await change(call, (version) => ({ version: { tags: withTag(version.tags, key, value) } }));
  return {};
}

async function deleteTag(call: Call): Promise<Answer> {
  const key = call.fields.required("key");
  await change(call, (version) => ({ version: { tags: version.tags.filter((tag) => tag.key !== key) } }));
  return {};
}

function search({ stores, fields }: Call): Answer {
  const filter = parseFilter(VERSION_LANGUAGE, fields.text("filter"));
  const asked = fields.texts("order_by");
  const orders = [
    ...parseOrder(VERSION_LANGUAGE, asked.length > 0 ? asked : ["last_updated_timestamp DESC"]),
    ...parseOrder(VERSION_LANGUAGE, ["name ASC", "version_number DESC"]),
  ];
  const maxResults = positive(fields.integer("max_results") ?? 200_000, 200_000);
  const { wantsPrompts, clauses } = splitPromptClause(filter);
  const found: { version: StoredVersion; key: (string | number | undefined)[] }[] = [];
  for (const { model, versions } of stores.catalogue.state.models.values()) {
    if (isPrompt(model.tags) !== wantsPrompts) continue;
    for (const version of versions.values()) {
      const isMatch = matches(clauses, ({ entity, key }) =>
        entity === "tag" ? version.tags.find((tag) => tag.key === key)?.value : versionValue(version, key),
      );
      if (isMatch) found.push({ version, key: orders.map(({ field }) => versionValue(version, field.key)) });
    }
  }
  found.sort((a, b) => compareBy(orders, a.key, b.key));
  const page = cutPage(found, { maxResults, pageToken: fields.text("page_token") });
  return {
    ...listed(
      "model_versions",
      page.items.map(({ version }) => versionJson(version)),
    ),
    next_page_token: page.next_page_token,
  };
}

function versionValue(version: StoredVersion, key: string): string | number | undefined {
  switch (key) {
    case "name":
      return version.name;
    case "run_id":
      return version.run_id;
    case "source_path":
      return version.source;
    case "version_number":
      return version.version;
    case "creation_timestamp":
      return version.creation_timestamp;
    case "last_updated_timestamp":
      return version.last_updated_timestamp;
    default:
      return undefined;
  }
}
