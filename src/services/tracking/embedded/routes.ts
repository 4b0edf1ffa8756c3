import type { Handler, RawHandler } from "./call.ts";
import { aliasCalls } from "./calls/aliases.ts";
import { artifactCalls, rawArtifactCalls } from "./calls/artifacts.ts";
import { experimentCalls } from "./calls/experiments.ts";
import { loggedModelCalls } from "./calls/logged-models.ts";
import { metricCalls } from "./calls/metrics.ts";
import { modelVersionCalls } from "./calls/model-versions.ts";
import { registeredModelCalls } from "./calls/registered-models.ts";
import { runCalls } from "./calls/runs.ts";
import { searchRunCalls } from "./calls/search-runs.ts";
import { invalid } from "./mlflow-error.ts";

export type Route =
  | { readonly kind: "json"; readonly handler: Handler; readonly path: Readonly<Record<string, string>> }
  | { readonly kind: "raw"; readonly handler: RawHandler; readonly path: Readonly<Record<string, string>> }
  /** The path is known under other methods. */
  | { readonly kind: "other-method"; readonly methods: readonly string[] }
  | { readonly kind: "unknown" };

/** The call that a request is; `call` is what follows `/api/2.0/`, still encoded. */
export function findRoute(method: string, call: string): Route {
  const segments = call.replace(/\/$/, "").split("/");
  const methods: string[] = [];
  for (const entry of table) {
    const path = match(entry.pattern, segments);
    if (path === undefined) continue;
    if (entry.method === method || (entry.method === "GET" && method === "HEAD")) {
      return entry.raw === undefined
        ? { kind: "json", handler: entry.handler, path }
        : { kind: "raw", handler: entry.raw, path };
    }
    methods.push(entry.method);
  }
  return methods.length > 0 ? { kind: "other-method", methods } : { kind: "unknown" };
}

type Entry = { readonly method: string; readonly pattern: readonly string[] } & (
  | { readonly handler: Handler; readonly raw?: undefined }
  | { readonly raw: RawHandler }
);

/** Fixed words before `{…}`: `logged-models/search` is no model's id. */
const table: readonly Entry[] = [
  ...Object.entries({
    ...experimentCalls,
    ...runCalls,
    ...metricCalls,
    ...searchRunCalls,
    ...registeredModelCalls,
    ...aliasCalls,
    ...modelVersionCalls,
    ...artifactCalls,
    ...loggedModelCalls,
  }).map(([name, handler]): Entry => ({ ...named(name), handler })),
  ...Object.entries(rawArtifactCalls).map(([name, raw]): Entry => ({ ...named(name), raw })),
].sort((a, b) => variables(a.pattern) - variables(b.pattern));

function named(name: string): { method: string; pattern: readonly string[] } {
  const [method = "", path = ""] = name.split(" ");
  return { method, pattern: path.split("/") };
}

function variables(pattern: readonly string[]): number {
  return pattern.filter((segment) => segment.startsWith("{")).length;
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const path: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const rest = /^\{(\w+)\.\.\.\}$/.exec(wanted)?.[1];
    if (rest !== undefined) {
      const encoded = segments.slice(index).join("/");
      if (encoded === "") return undefined;
      path[rest] = decoded(encoded);
      return path;
    }
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const name = /^\{(\w+)\}$/.exec(wanted)?.[1];
    if (name !== undefined) path[name] = decoded(segment);
    else if (wanted !== segment) return undefined;
  }
  return segments.length === pattern.length ? path : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`Invalid path: '${text}' is not encoded as an address has to be`);
  }
}
