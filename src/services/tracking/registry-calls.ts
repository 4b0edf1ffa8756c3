import { z } from "zod";
import { callTracking, type TrackingTarget } from "./request.ts";
import {
  type ModelVersion,
  modelVersionSchema,
  type RegisteredModel,
  registeredModelSchema,
} from "./schema.ts";
import { type Page, type SearchOptions, searchData, tagPairs } from "./search.ts";

export interface RegistryCalls {
  createRegisteredModel(name: string, options?: ModelOptions): Promise<RegisteredModel>;
  getRegisteredModel(name: string): Promise<RegisteredModel>;
  renameRegisteredModel(name: string, newName: string): Promise<RegisteredModel>;
  updateRegisteredModel(name: string, description: string): Promise<RegisteredModel>;
  /** With all its versions and aliases, for good. */
  deleteRegisteredModel(name: string): Promise<void>;
  /** Filter over `name` and `tags.…`; default order: by name. */
  searchRegisteredModels(options?: SearchOptions): Promise<Page<RegisteredModel>>;
  setRegisteredModelTag(name: string, key: string, value: string): Promise<void>;

  /**
   * The next version of a model. `source` is where its files lie: an artifact URI of the run `runId`
   * (`mlflow-artifacts:/…`, `runs:/<run>/<path>`), or an address outside of the server (`s3://…`).
   */
  createModelVersion(name: string, source: string, options?: VersionOptions): Promise<ModelVersion>;
  getModelVersion(name: string, version: string): Promise<ModelVersion>;
  /** A missing alias is INVALID_PARAMETER_VALUE, as MLflow has it. */
  getModelVersionByAlias(name: string, alias: string): Promise<ModelVersion>;
  updateModelVersion(name: string, version: string, description: string): Promise<ModelVersion>;
  deleteModelVersion(name: string, version: string): Promise<void>;
  /** Filter over `name`, `run_id`, `version_number`, `source_path`, `tags.…`. */
  searchModelVersions(options?: SearchOptions): Promise<Page<ModelVersion>>;
  setModelVersionTag(name: string, version: string, key: string, value: string): Promise<void>;
  getModelVersionDownloadUri(name: string, version: string): Promise<string>;
  /** Points an alias at a version; it leaves the one that it pointed at. `latest` and `v1` are reserved. */
  setRegisteredModelAlias(name: string, alias: string, version: string): Promise<void>;
  deleteRegisteredModelAlias(name: string, alias: string): Promise<void>;
}

export interface ModelOptions {
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface VersionOptions extends ModelOptions {
  readonly runId?: string | undefined;
}

const nothing = z.unknown().transform(() => undefined);
const oneModel = z.object({ registered_model: registeredModelSchema });
const oneVersion = z.object({ model_version: modelVersionSchema });
const manyModels = z.object({
  registered_models: z.array(registeredModelSchema).default([]),
  next_page_token: z.string().optional(),
});
const manyVersions = z.object({
  model_versions: z.array(modelVersionSchema).default([]),
  next_page_token: z.string().optional(),
});

export function registryCalls(target: TrackingTarget): RegistryCalls {
  type Method = "GET" | "POST" | "PATCH" | "DELETE";
  type Data = Record<string, unknown>;
  const change = (method: Method, call: string, data: Data) =>
    callTracking(target, { method, call: `mlflow/${call}`, data, schema: nothing });
  const model = async (method: Method, call: string, data: Data) => {
    const path = `mlflow/registered-models/${call}`;
    return (await callTracking(target, { method, call: path, data, schema: oneModel })).registered_model;
  };
  const version = async (method: Method, call: string, data: Data) =>
    (await callTracking(target, { method, call: `mlflow/${call}`, data, schema: oneVersion })).model_version;

  return {
    createRegisteredModel: (name, options = {}) =>
      model("POST", "create", { name, description: options.description, tags: tagPairs(options.tags) }),
    getRegisteredModel: (name) => model("GET", "get", { name }),
    renameRegisteredModel: (name, newName) => model("POST", "rename", { name, new_name: newName }),
    updateRegisteredModel: (name, description) => model("PATCH", "update", { name, description }),
    deleteRegisteredModel: (name) => change("DELETE", "registered-models/delete", { name }),
    searchRegisteredModels: async (options = {}) => {
      const page = await callTracking(target, {
        method: "GET",
        call: "mlflow/registered-models/search",
        data: searchData({ maxResults: 100, ...options }),
        schema: manyModels,
      });
      return { items: page.registered_models, nextPageToken: page.next_page_token };
    },
    setRegisteredModelTag: (name, key, value) =>
      change("POST", "registered-models/set-tag", { name, key, value }),

    createModelVersion: (name, source, options = {}) =>
      version("POST", "model-versions/create", {
        name,
        source,
        run_id: options.runId,
        description: options.description,
        tags: tagPairs(options.tags),
      }),
    getModelVersion: (name, number) => version("GET", "model-versions/get", { name, version: number }),
    getModelVersionByAlias: (name, alias) => version("GET", "registered-models/alias", { name, alias }),
    updateModelVersion: (name, number, description) =>
      version("PATCH", "model-versions/update", { name, version: number, description }),
    deleteModelVersion: (name, number) =>
      change("DELETE", "model-versions/delete", { name, version: number }),
    searchModelVersions: async (options = {}) => {
      const page = await callTracking(target, {
        method: "GET",
        call: "mlflow/model-versions/search",
        data: searchData({ maxResults: 100, ...options }),
        schema: manyVersions,
      });
      return { items: page.model_versions, nextPageToken: page.next_page_token };
    },
    setModelVersionTag: (name, number, key, value) =>
      change("POST", "model-versions/set-tag", { name, version: number, key, value }),
    getModelVersionDownloadUri: async (name, number) => {
      const found = await callTracking(target, {
        method: "GET",
        call: "mlflow/model-versions/get-download-uri",
        data: { name, version: number },
        schema: z.object({ artifact_uri: z.string() }),
      });
      return found.artifact_uri;
    },
    setRegisteredModelAlias: (name, alias, number) =>
      change("POST", "registered-models/alias", { name, alias, version: number }),
    deleteRegisteredModelAlias: (name, alias) => change("DELETE", "registered-models/alias", { name, alias }),
  };
}
