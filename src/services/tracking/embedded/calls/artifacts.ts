import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Answer, type Call, type Handler, jsonList, type RawHandler, type Stores } from "../call.ts";
import { invalid } from "../mlflow-error.ts";
import { listed } from "../run-json.ts";
import { artifactSegments, proxiedPath } from "../store/artifact-path.ts";
import type { StoredFile } from "../store/artifacts.ts";
import { findLoggedModel } from "./logged-models.ts";
import { findRun } from "./runs.ts";

export const artifactCalls: Readonly<Record<string, Handler>> = {
  "GET mlflow-artifacts/artifacts": async ({ stores, fields }) => {
    const files = await stores.artifacts.list(fields.text("path"));
    return jsonList(
      "files",
      files.map((file) => fileJson(file, file.name)),
    );
  },
  "DELETE mlflow-artifacts/artifacts/{path...}": async ({ stores, path }) => {
    await stores.artifacts.remove(path.path ?? "");
    return {};
  },
  "GET mlflow/artifacts/list": ({ stores, fields }) => {
    const { artifact_uri } = findRun(stores.catalogue.state, fields.runId()).info;
    return listBelow(stores, artifact_uri, fields.text("path"));
  },
  "GET mlflow/logged-models/{model_id}/artifacts/directories": ({ stores, fields, path }) => {
    const { model } = findLoggedModel(stores.catalogue.state, path.model_id);
    return listBelow(stores, model.artifact_uri, fields.text("artifact_directory_path"));
  },
};

export const rawArtifactCalls: Readonly<Record<string, RawHandler>> = {
  "PUT mlflow-artifacts/artifacts/{path...}": async ({ stores, path }, request, response) => {
    await stores.artifacts.put(path.path ?? "", request);
    // Empty, as the clients that wait for nothing have it.
    response.writeHead(200, { "content-length": "0" }).end();
  },
  "GET mlflow-artifacts/artifacts/{path...}": ({ stores, path }, request, response) =>
    sendFile(stores, path.path ?? "", request, response),
};

/** `/get-artifact?run_id=…&path=…`: how MLflow's pages and old clients fetch a run's file. */
export const getArtifact: RawHandler = async ({ stores }, request, response) => {
  const query = new URLSearchParams(request.url?.split("?")[1] ?? "");
  const run = findRun(stores.catalogue.state, query.get("run_id") ?? query.get("run_uuid") ?? "");
  await sendFile(stores, below(run.info.artifact_uri, query.get("path") ?? ""), request, response);
};

/** The path of a file below an artifact URI; throws when the files are kept elsewhere. */
function below(uri: string, path: string): string {
  const root = proxiedPath(uri);
  if (root === undefined) throw invalid(`The artifacts of ${uri} are not on this server.`);
  return [root, ...artifactSegments(path)].join("/");
}

async function listBelow(stores: Stores, uri: string, path: string): Promise<Answer> {
  const files = await stores.artifacts.list(below(uri, path));
  const prefix = artifactSegments(path)
    .map((segment) => `${segment}/`)
    .join("");
  return {
    root_uri: uri,
    ...listed(
      "files",
      files.map((file) => fileJson(file, prefix + file.name)),
    ),
  };
}

/** A size of 0 is left out, as protobuf does. */
function fileJson(file: StoredFile, path: string): Record<string, unknown> {
  return { path, is_dir: file.isFolder, ...(file.sizeBytes === 0 ? {} : { file_size: file.sizeBytes }) };
}

async function sendFile(
  stores: Call["stores"],
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = await stores.artifacts.open(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": String(file.sizeBytes),
    // An attachment: a page among the artifacts must not run as this server's.
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escapeChar)}`,
    "last-modified": new Date(file.modifiedMs).toUTCString(),
  });
  const stream = file.read();
  if (request.method === "HEAD") {
    stream.destroy();
    response.end();
    return;
  }
  await pipeline(stream, response);
}

function escapeChar(char: string): string {
  return `%${char.charCodeAt(0).toString(16)}`;
}
