import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTracking } from "../../../src/services/tracking/client.ts";
import { MlflowError } from "../../../src/services/tracking/embedded/mlflow-error.ts";
import { parseFilter } from "../../../src/services/tracking/embedded/search/filter.ts";
import { RUN_LANGUAGE } from "../../../src/services/tracking/embedded/search/language.ts";
import { startTracking, type TrackingServer } from "../../../src/services/tracking/embedded/server.ts";

const RUNS = Number(process.env.TALLER_FUZZ ?? 600);

let top = "";
let server: TrackingServer;
let run = "";
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), "taller-tracking-fuzz-"));
  await writeFile(join(top, "canary.txt"), "untouched");
  server = await startTracking({ folder: join(top, "inner", "tracking"), port: 0 });
  const client = openTracking({ uri: server.uri });
  run = (await client.createRun("0", { runName: "target" })).info.run_id;
  await client.createRegisteredModel("model");
  await client.createModelVersion("model", "s3://b/x");
});
afterAll(async () => {
  await server.close();
  await rm(top, { recursive: true, force: true });
});

const CALLS = [
  "experiments/create",
  "experiments/get",
  "experiments/get-by-name",
  "experiments/search",
  "experiments/update",
  "experiments/delete",
  "experiments/restore",
  "experiments/set-experiment-tag",
  "experiments/delete-experiment-tag",
  "runs/create",
  "runs/get",
  "runs/update",
  "runs/delete",
  "runs/restore",
  "runs/set-tag",
  "runs/delete-tag",
  "runs/log-inputs",
  "runs/outputs",
  "runs/log-model",
  "runs/log-metric",
  "runs/log-parameter",
  "runs/log-batch",
  "runs/search",
  "metrics/get-history",
  "metrics/get-history-bulk",
  "metrics/get-history-bulk-interval",
  "registered-models/create",
  "registered-models/get",
  "registered-models/rename",
  "registered-models/update",
  "registered-models/delete",
  "registered-models/search",
  "registered-models/get-latest-versions",
  "registered-models/set-tag",
  "registered-models/delete-tag",
  "registered-models/alias",
  "model-versions/create",
  "model-versions/get",
  "model-versions/update",
  "model-versions/transition-stage",
  "model-versions/delete",
  "model-versions/search",
  "model-versions/get-download-uri",
  "model-versions/set-tag",
  "model-versions/delete-tag",
  "logged-models",
  "logged-models/search",
  "logged-models/m-1",
  "logged-models/m-1/tags",
  "logged-models/m-1/params",
  "logged-models/m-1/artifacts/directories",
  "artifacts/list",
  "nothing",
  "",
];
const NAMES = [
  "experiment_id",
  "experiment_ids",
  "name",
  "new_name",
  "artifact_location",
  "tags",
  "run_id",
  "run_uuid",
  "key",
  "value",
  "timestamp",
  "step",
  "metrics",
  "params",
  "status",
  "end_time",
  "start_time",
  "run_name",
  "filter",
  "order_by",
  "max_results",
  "page_token",
  "view_type",
  "run_view_type",
  "metric_key",
  "run_ids",
  "source",
  "version",
  "alias",
  "stage",
  "stages",
  "description",
  "model_id",
  "model_json",
  "datasets",
  "models",
  "path",
  "user_id",
  "archive_existing_versions",
  "__proto__",
  "constructor",
];

const word = fc.oneof(
  fc.constantFrom(
    "0",
    "1",
    "target",
    "model",
    "champion",
    "",
    "..",
    "../../x",
    "NaN",
    "metrics.a > 1",
    "name = 'a'",
    "latest",
    "mlflow.runName",
    "mlflow.modelVersions",
    "eyJvZmZzZXQiOiAxfQ==",
    "FINISHED",
    "ALL",
    "models:/model/1",
    "mlflow-artifacts:/0/../..",
    "__proto__",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constant("").map(() => run),
);
const scalar = fc.oneof(
  word,
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
);
const entry = fc.dictionary(
  fc.constantFrom("key", "value", "timestamp", "step", "dataset", "tags", "model_id", "field_name"),
  fc.oneof(scalar, fc.dictionary(fc.constantFrom("name", "digest", "source"), scalar)),
);
const field = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 4 }) },
  { weight: 2, arbitrary: fc.array(entry, { maxLength: 4 }) },
  { weight: 1, arbitrary: entry },
);
const fields = fc.dictionary(fc.constantFrom(...NAMES), field, { maxKeys: 8 });
/** What would be a good request, so that the fields reach the store and not only the first check. */
const goodFields = () => ({
  experiment_id: "0",
  run_id: run,
  name: "model",
  version: "1",
  key: "a",
  value: 1,
  timestamp: 1,
  max_results: 5,
});
const body = fc.oneof(
  { weight: 4, arbitrary: fields.map((value) => JSON.stringify(value)) },
  { weight: 6, arbitrary: fields.map((value) => JSON.stringify({ ...goodFields(), ...value })) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
);

describe("whatever comes in", () => {
  test(`${RUNS} calls with any fields are each answered, none of them by an error of the server`, async () => {
    const method = fc.constantFrom("GET", "POST", "POST", "POST", "PATCH", "DELETE", "PUT");
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(method, fc.constantFrom(...CALLS), body, async (verb, call, text) => {
        const query = verb === "GET" ? `?${queryOf(text)}` : "";
        const answer = await send({
          method: verb,
          path: `/api/2.0/mlflow/${call}${query}`,
          body: verb === "GET" ? "" : text,
        });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect([answer.status, answer.text]).not.toEqual([500, expect.not.stringContaining("non-active")]);
        expect(() => JSON.parse(answer.text)).not.toThrow();
      }),
      { numRuns: RUNS },
    );
    expect(statuses.get(200)).toBeGreaterThan(RUNS / 50);
    await stillWell();
  });

  test("paths of artifacts never lead out of the folder", async () => {
    const part = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "%2e%2e",
        "%252e%252e",
        "%2f",
        "%5c",
        "a",
        "0",
        "..%2f..%2f",
        "C:",
        "%00",
        "%",
        "%zz",
      ),
      fc.string({ unit: "binary", maxLength: 6 }).map((text) => encodeURIComponent(wellFormed(text))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("PUT", "GET", "DELETE"),
        fc.array(part, { minLength: 1, maxLength: 6 }),
        async (verb, parts) => {
          const path = `/api/2.0/mlflow-artifacts/artifacts/${parts.join("/")}`;
          const { status } = await send({ method: verb, path, body: verb === "PUT" ? "evil" : "" });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: RUNS },
    );
    await stillWell();
  });

  test("bytes that are no HTTP do not stop it", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc
        .string({ unit: "binary" })
        .map((text) => Buffer.from(`POST /api/2.0/mlflow/runs/create HTTP/1.1\r\n${text}\r\n\r\n`)),
      fc
        .nat(1_000)
        .map((length) =>
          Buffer.from(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n{`),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        await new Promise<void>((resolve) => {
          const socket = connect(server.port, "127.0.0.1", () => socket.end(sent, () => socket.destroy()));
          socket.on("error", () => {});
          socket.on("close", () => resolve());
        });
      }),
      { numRuns: 200 },
    );
    await stillWell();
  });

  test("a filter is read or refused, whatever it is, and in little time", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "metrics.a",
        "params.`b c`",
        'tags."x"',
        "attributes.status",
        "start_time",
        ">",
        "!=",
        "LIKE",
        "ILIKE",
        "IN",
        "NOT",
        "IS",
        "NULL",
        "AND",
        "and",
        "'text'",
        '"text"',
        "(",
        ")",
        ",",
        "1.5",
        "-3",
        "'",
        "`",
        "\\",
        ";",
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parseFilter(RUN_LANGUAGE, pieces.join(" "));
        } catch (error) {
          expect(error).toBeInstanceOf(MlflowError);
        }
      }),
      { numRuns: 5_000 },
    );
    const started = performance.now();
    for (const text of [
      "'".repeat(50_000),
      "`".repeat(50_000),
      "a.".repeat(50_000),
      `metrics.${"`".repeat(50_001)}`,
    ]) {
      expect(() => parseFilter(RUN_LANGUAGE, text)).toThrow(MlflowError);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

/** It answers, its run is there, and nothing lies outside of its folder that was not there before. */
async function stillWell(): Promise<void> {
  expect((await send({ method: "GET", path: "/health", body: "" })).text).toBe("OK");
  const found = await send({ method: "GET", path: `/api/2.0/mlflow/runs/get?run_id=${run}`, body: "" });
  expect(found.status).toBe(200);
  expect((await readdir(top)).sort()).toEqual(["canary.txt", "inner"]);
  expect(await readdir(join(top, "inner"))).toEqual(["tracking"]);
  expect((await readdir(join(top, "inner", "tracking"))).filter((name) => !OWN.includes(name))).toEqual([]);
  expect((await readdir(join(top, "inner", "tracking", "artifacts"))).sort()).toEqual(["files", "incoming"]);
}

/** Lone halves of surrogates can't be encoded. */
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

const OWN = ["artifacts", "catalogue.log", "lock.json", "metrics"];

function queryOf(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return encodeURIComponent(wellFormed(text));
  }
  if (typeof value !== "object" || value === null) return "";
  const pairs = Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    (Array.isArray(item) ? item : [item]).map((one) => [name, String(one)] as const),
  );
  return pairs.map((pair) => pair.map((part) => encodeURIComponent(wellFormed(part))).join("=")).join("&");
}

function send(input: {
  method: string;
  path: string;
  body: string;
}): Promise<{ status: number; text: string }> {
  const { method, path, body: sent } = input;
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(sent) };
    const call = request(
      { host: "127.0.0.1", port: server.port, path, method, agent: false, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    call.on("error", reject);
    call.end(sent);
  });
}
