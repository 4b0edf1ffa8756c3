import { posix } from "node:path";
import { invalid } from "./mlflow-error.ts";

/** Limits and forms of names and values. Source: `mlflow/utils/validation.py` of MLflow 3.17. */
const MAX_KEY = 250;
const MAX_PARAM_VALUE = 6_000;
const MAX_TAG_VALUE = 8_000;
const MAX_EXPERIMENT_NAME = 500;
const MAX_EXPERIMENT_TAG_VALUE = 20_000;
const MAX_REGISTRY_TAG_VALUE = 100_000;
const MAX_ALIAS = 255;

/** A metric's, param's or tag's key. */
export function checkKey(key: string, path: string): string {
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    throw invalid(
      `Invalid value ${JSON.stringify(key)} for parameter '${path}' supplied: Names may only contain alphanumerics, ` +
        "underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
    );
  }
  checkPathLike(key, path);
  return checkLength(key, path, MAX_KEY);
}

/** A value that is too long is cut, as MLflow's server does by default. */
export function cutParamValue(value: string): string {
  return value.slice(0, MAX_PARAM_VALUE);
}

export function cutTagValue(value: string): string {
  return value.slice(0, MAX_TAG_VALUE);
}

export function checkExperimentName(name: string): string {
  return checkLength(name, "name", MAX_EXPERIMENT_NAME);
}

export function checkExperimentTagValue(value: string): string {
  return checkLength(value, "value", MAX_EXPERIMENT_TAG_VALUE);
}

export function checkRegistryTagValue(value: string): string {
  return checkLength(value, "value", MAX_REGISTRY_TAG_VALUE);
}

export function checkRunId(runId: string): string {
  if (/^[a-zA-Z0-9][\w-]{0,255}$/.test(runId)) return runId;
  throw invalid(`Invalid value ${JSON.stringify(runId)} for parameter 'run_id' supplied.`);
}

export function checkModelName(name: string): string {
  if (name.trim() === "") throw invalid("Missing value for required parameter 'name'.");
  if (/[/:]/.test(name)) {
    throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  }
  checkPathLike(name, "name");
  return name;
}

export function checkLoggedModelName(name: string): string {
  if (!/[/:.%"']/.test(name)) return name;
  throw invalid(
    `Invalid model name (${JSON.stringify(name)}) provided. Model name must be a non-empty string and cannot contain ` +
      "the following characters: / : . % \" '",
  );
}

export function checkAlias(alias: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  return checkLength(alias, "Registered model alias name", MAX_ALIAS);
}

/** `latest` and `v1` would be taken for versions. */
export function checkNewAlias(alias: string): string {
  checkAlias(alias);
  if (alias.toLowerCase() === "latest") throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
  return alias;
}

export function parseVersion(version: string): number {
  const number = Number(version);
  if (/^\d+$/.test(version) && Number.isSafeInteger(number)) return number;
  throw invalid(`Parameter 'version' must be an integer, got '${version}'.`);
}

const STAGES = ["None", "Staging", "Production", "Archived"] as const;

/** A stage in its own spelling, whatever the case. */
export function parseStage(stage: string): string {
  const found = STAGES.find((known) => known.toLowerCase() === stage.toLowerCase());
  if (found !== undefined) return found;
  throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(", ")}.`);
}

/** Names become files in some of MLflow's stores, so `a/../b` and `/a` are refused. */
function checkPathLike(name: string, path: string): void {
  const normal = name === "" ? "." : posix.normalize(name);
  const isOther = normal !== name || normal === "." || normal.startsWith("..") || normal.startsWith("/");
  // Python keeps no slash at the end.
  if (!isOther && !name.endsWith("/")) return;
  throw invalid(
    `Invalid value ${JSON.stringify(name)} for parameter '${path}' supplied: Names may be treated as files in certain ` +
      `cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
  );
}

function checkLength(text: string, what: string, limit: number): string {
  if ([...text].length <= limit) return text;
  throw invalid(`'${what}' exceeds the maximum length of ${limit} characters`);
}
