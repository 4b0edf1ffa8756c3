import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { callTracking, fetchTracking, type TrackingTarget } from "./request.ts";
import { type FileInfo, fileInfoSchema, modelVersionSchema, runSchema } from "./schema.ts";

export interface ArtifactCalls {
  /** Stores one file of a run, in one PUT; `path` is relative to the run's artifacts (`model/model.json`). */
  logArtifact(runId: string, path: string, content: ArtifactContent): Promise<void>;
  /** The files and folders of one folder of a run's artifacts, paths relative to them; a missing folder is empty. */
  listArtifacts(runId: string, path?: string): Promise<readonly FileInfo[]>;
  /**
   * One file as bytes. `uri` is one of `runs:/<run>/<path>`, `models:/<name>/<version>/<path>`,
   * `models:/<name>@<alias>/<path>`, `mlflow-artifacts:/<path>`.
   */
  downloadArtifact(uri: string): Promise<Uint8Array>;
}

/** Bytes, text, or a file on this machine, which is streamed. */
export type ArtifactContent = Uint8Array | string | { readonly file: string };

export function artifactCalls(target: TrackingTarget): ArtifactCalls {
  const rootOf = async (runId: string) => {
    const { run } = await callTracking(target, {
      method: "GET",
      call: "mlflow/runs/get",
      data: { run_id: runId, run_uuid: runId },
      schema: z.object({ run: runSchema }),
    });
    return run.info.artifact_uri;
  };

  const resolveUri = async (uri: string): Promise<string> => {
    const run = /^runs:\/+([^/]+)\/?(.*)$/s.exec(uri);
    if (run !== null) return joined(await rootOf(run[1] ?? ""), run[2] ?? "");
    const model = /^models:\/+([^/@]+)(?:\/(\d+)|@([^/]+))\/?(.*)$/s.exec(uri);
    if (model === null) return uri;
    const [, name = "", version, alias, path = ""] = model;
    const found = await callTracking(target, {
      method: "GET",
      call: version === undefined ? "mlflow/registered-models/alias" : "mlflow/model-versions/get",
      data: version === undefined ? { name, alias } : { name, version },
      schema: z.object({ model_version: modelVersionSchema }),
    });
    const { artifact_uri } = await callTracking(target, {
      method: "GET",
      call: "mlflow/model-versions/get-download-uri",
      data: { name, version: found.model_version.version },
      schema: z.object({ artifact_uri: z.string() }),
    });
    return joined(artifact_uri.startsWith("runs:") ? await resolveUri(artifact_uri) : artifact_uri, path);
  };

  return {
    logArtifact: async (runId, path, content) => {
      const response = await fetchTracking(target, filePath(joined(await rootOf(runId), path)), {
        method: "PUT",
        headers: { "content-type": "application/octet-stream" },
        ...(await bodyOf(content)),
      });
      await response.arrayBuffer();
    },
    listArtifacts: async (runId, path) => {
      const { files } = await callTracking(target, {
        method: "GET",
        call: "mlflow/artifacts/list",
        data: { run_id: runId, run_uuid: runId, path },
        schema: z.object({ files: z.array(fileInfoSchema).default([]) }),
      });
      return files;
    },
    downloadArtifact: async (uri) => {
      const response = await fetchTracking(target, filePath(await resolveUri(uri)), { method: "GET" });
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

async function bodyOf(content: ArtifactContent): Promise<RequestInit & { duplex?: "half" }> {
  if (typeof content === "string") return { body: content };
  if (content instanceof Uint8Array) return { body: new Uint8Array(content) };
  const { size } = await stat(content.file);
  // A stream goes up in chunks without a length; an empty one would go up as no body at all.
  if (size === 0) return { body: "" };
  return { body: streamOf(content.file), duplex: "half" };
}

function streamOf(file: string): ReadableStream<Uint8Array> {
  const stream = createReadStream(file);
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { value } = await chunks.next();
      if (value instanceof Uint8Array) controller.enqueue(value);
      else controller.close();
    },
    cancel: () => {
      stream.destroy();
    },
  });
}

function joined(root: string, path: string): string {
  return path === "" ? root : `${root.replace(/\/+$/, "")}/${path}`;
}

/** The proxied path of an artifact URI; artifacts that lie elsewhere (`s3:`) are not the server's to give. */
function filePath(uri: string): string {
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/s.exec(uri)?.[1];
  if (path === undefined) {
    throw new UserError({
      fault: "environment",
      code: "tracking-artifacts-elsewhere",
      what: {
        es: "Esos ficheros no están en el servidor de MLflow: solo sé leer y escribir los que él guarda.",
        en: "Those files are not on the MLflow server: I can only read and write the ones that it keeps.",
      },
      where: uri,
      next: [
        {
          es: "Arranca el servidor con --serve-artifacts y sin --default-artifact-root.",
          en: "Start the server with --serve-artifacts and without --default-artifact-root.",
        },
      ],
    });
  }
  return `mlflow-artifacts/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;
}
