import { invalid } from "./mlflow-error.ts";
import { decodedThroughout } from "./store/artifact-path.ts";
import type { CatalogueState } from "./store/catalogue-state.ts";

/** Where a model version's files lie, and what it was made of. */
export interface VersionSource {
  readonly storageLocation: string;
  readonly runId: string;
  readonly modelId: string;
}

/**
 * Follows the source of a new version and refuses what MLflow's server refuses: a path of this machine, `..`, and files
 * of this server that do not belong to the named run or logged model. `models:/<name>/<version>` leads to what that
 * version has; `models:/<id>` to a logged model; addresses of other stores are taken as they are.
 * Source: `_validate_source_run`, `_validate_source_model` and `create_model_version` of MLflow 3.17.
 */
export function resolveSource(
  state: CatalogueState,
  input: { source: string; runId: string; modelId: string; isPrompt: boolean },
): VersionSource {
  const { source, runId, modelId } = input;
  const plain = { storageLocation: source, runId, modelId };
  if (input.isPrompt) return plain;
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(source)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === "file") {
    throw invalid(
      `Invalid model version source: '${source}'. A path of the client's machine is not the server's to read: log the ` +
        "files to a run and name its artifacts.",
    );
  }
  const decoded = decodedThroughout(source);
  if (decoded.split(/[/\\]/).includes("..") || decoded.includes("\u0000")) {
    throw invalid(`Invalid model version source: '${source}'. It must not hold relative paths.`);
  }
  switch (scheme) {
    case "models":
      return fromModels(state, input);
    case "runs": {
      if (runId === "" || /^runs:\/+([^/]+)/i.exec(source)?.[1] !== runId) throw notOf(source, "run_id");
      const root = state.runs.get(runId)?.info.artifact_uri;
      const path = source.replace(/^runs:\/+[^/]+\/?/i, "");
      return root === undefined ? plain : { ...plain, storageLocation: `${root}/${path}` };
    }
    case "mlflow-artifacts":
    case "http":
    case "https":
      return withinItsOwner(state, input);
    default:
      return plain;
  }
}

function fromModels(
  state: CatalogueState,
  { source, runId, modelId }: { source: string; runId: string; modelId: string },
): VersionSource {
  const path = /^models:\/([^/].*)$/.exec(source)?.[1] ?? "";
  const logged = state.loggedModels.get(path);
  if (logged !== undefined) {
    if (modelId !== path) throw notOf(source, "model_id");
    const { artifact_uri, source_run_id } = logged.model;
    return { storageLocation: artifact_uri, runId: runId || source_run_id, modelId };
  }
  const [, name = "", number, alias] = /^([^/@]+)(?:\/(\d+)|@(.+))$/.exec(path) ?? [];
  const registered = state.models.get(name);
  const aliased = registered?.model.aliases.find((one) => one.alias === alias)?.version;
  const version = registered?.versions.get(number === undefined ? (aliased ?? 0) : Number(number));
  if (version === undefined) throw notOf(source, "model_id");
  const isOther =
    (runId !== "" && runId !== version.run_id) || (modelId !== "" && modelId !== version.model_id);
  if (isOther) {
    throw invalid(
      `Invalid model version source: '${source}'. The run_id and model_id request parameters must match the ` +
        "referenced model version.",
    );
  }
  return { storageLocation: version.storage_location, runId: version.run_id, modelId: version.model_id };
}

function withinItsOwner(
  state: CatalogueState,
  { source, runId, modelId }: { source: string; runId: string; modelId: string },
): VersionSource {
  const logged = state.loggedModels.get(modelId);
  const isProxied = /^mlflow-artifacts:/i.test(source) || source.includes("/mlflow-artifacts/artifacts/");
  if (isProxied) {
    const root = modelId === "" ? state.runs.get(runId)?.info.artifact_uri : logged?.model.artifact_uri;
    if (root === undefined || !isWithin(source, root))
      throw notOf(source, modelId === "" ? "run_id" : "model_id");
  }
  return { storageLocation: source, runId: runId || (logged?.model.source_run_id ?? ""), modelId };
}

function isWithin(uri: string, root: string): boolean {
  const parts = (text: string) =>
    decodedThroughout(text)
      .split(/[/]+/)
      .filter((part) => part !== "");
  const inner = parts(uri);
  return parts(root).every((part, index) => inner[index] === part);
}

function notOf(source: string, name: string): Error {
  return invalid(
    `Invalid model version source: '${source}'. The ${name} request parameter must identify the resource that ` +
      "contains the source.",
  );
}
