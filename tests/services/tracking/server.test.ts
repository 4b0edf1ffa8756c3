import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTracking } from "../../../src/services/tracking/client.ts";
import { startTracking, type TrackingServer } from "../../../src/services/tracking/embedded/server.ts";

let folder = "";
let server: TrackingServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-tracking-"));
  server = await startTracking({ folder, port: 0 });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
const client = () => openTracking({ uri: server.uri });
const restart = async () => {
  await server.close();
  server = await startTracking({ folder, port: 0 });
};

describe("the embedded tracking server", () => {
  test("has after a restart what it had before", async () => {
    const experiment = await client().createExperiment("taller/kept", { tags: { a: "1" } });
    const gone = await client().createExperiment("taller/gone");
    await client().deleteExperiment(gone);
    const { info } = await client().createRun(experiment, { runName: "r" });
    const run = info.run_id;
    const metrics = Array.from({ length: 50 }, (_, step) => ({
      key: `m${step % 3}`,
      value: step,
      timestamp: 1,
      step,
    }));
    await client().logBatch(run, { params: { p: "ñ" }, tags: { t: "x" }, metrics });
    await client().deleteTag(run, "t");
    await client().setTerminated(run);
    await client().logArtifact(run, "d/f.txt", "text");
    await client().createRegisteredModel("kept");
    await client().createModelVersion("kept", `${info.artifact_uri}/d`, { runId: run });
    await client().createModelVersion("kept", "s3://b/x");
    await client().deleteModelVersion("kept", "2");
    await client().setRegisteredModelAlias("kept", "champion", "1");
    await client().createRegisteredModel("before");
    await client().renameRegisteredModel("before", "after");

    const all = async () => ({
      experiments: await client().searchExperiments({ viewType: "ALL" }),
      runs: await client().searchRuns([experiment], { viewType: "ALL" }),
      history: await client().getMetricHistory(run, "m1"),
      files: await client().listArtifacts(run, "d"),
      models: await client().searchRegisteredModels(),
      versions: await client().searchModelVersions(),
      text: Buffer.from(await client().downloadArtifact("models:/kept@champion/f.txt")).toString(),
    });
    const before = await all();
    await restart();
    expect(await all()).toEqual(before);
    expect(before.text).toBe("text");
    expect(await client().createModelVersion("kept", "s3://b/y")).toMatchObject({ version: "3" });
    expect(await client().createExperiment("taller/next")).toBe("3");
  });

  test("a folder is served by one at a time, and a busy port is told", async () => {
    await expect(startTracking({ folder, port: 0 })).rejects.toMatchObject({ code: "folder-in-use" });
    const other = join(folder, "other");
    await expect(startTracking({ folder: other, port: server.port })).rejects.toMatchObject({
      code: "port-in-use",
    });
    const free = await startTracking({ folder: other, port: 0 });
    await free.close();
  });

  test("names other than this machine's are refused, but not for health and version", async () => {
    const ask = (path: string, headers: Record<string, string>, method = "GET") =>
      send({ path, headers, method });
    const path = "/api/2.0/mlflow/experiments/get?experiment_id=0";
    for (const host of [
      "evil.example",
      "evil.example:5000",
      "127.0.0.1.evil.example",
      "localhost.evil",
      "10.0.0.1",
    ])
      expect([host, (await ask(path, { host })).status]).toEqual([host, 403]);
    for (const host of ["localhost", `localhost:${server.port}`, "127.0.0.1:1", "[::1]:5000", "LOCALHOST"])
      expect([host, (await ask(path, { host })).status]).toEqual([host, 200]);
    expect((await ask("/health", { host: "evil.example" })).status).toBe(200);
    expect((await ask("/version", { host: "evil.example" })).text).toBe("3.17.0");
    const refused = await ask(path, { host: "evil.example" });
    expect(refused.text).toContain("DNS rebinding");
  });

  test("a page of another site can't change anything", async () => {
    const create = (origin: string, type: string) =>
      send({
        path: "/api/2.0/mlflow/experiments/create",
        method: "POST",
        headers: { origin, "content-type": type },
        body: '{"name":"x"}',
      });
    expect((await create("https://evil.example", "application/json")).status).toBe(403);
    expect((await create("null", "application/json")).status).toBe(403);
    expect((await create("http://localhost:3000", "text/plain")).status).toBe(400);
    expect((await create("http://localhost:3000", "application/json")).status).toBe(200);
    const put = await send({
      path: "/api/2.0/mlflow-artifacts/artifacts/0/x",
      method: "PUT",
      headers: { origin: "https://evil.example" },
      body: "x",
    });
    expect(put.status).toBe(403);
  });

  test("an unknown call says what the server is and what to do", async () => {
    const { status, text } = await send({ path: "/api/2.0/mlflow/traces", method: "POST", body: "{}" });
    expect(status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ error_code: "ENDPOINT_NOT_FOUND" });
    expect(text).toContain("TALLER_MLFLOW_URI");
    const other = await send({ path: "/api/2.0/mlflow/runs/get", method: "PUT" });
    expect(other.status).toBe(404);
    expect(other.headers.allow).toBe("GET");
    expect((await send({ path: "/" })).text).toContain("taller");
  });

  test("a body that is too long or no JSON is 400, and the connection goes on", async () => {
    const path = "/api/2.0/mlflow/experiments/search";
    const headers = { "content-type": "application/json" };
    const long = await send({
      path,
      method: "POST",
      headers,
      body: `{"filter":"${"x".repeat(21_000_000)}"}`,
    });
    expect(long.status).toBe(400);
    for (const body of ["nonsense", "[]", "null", '"text"', "3", '{"max_results":{}}']) {
      expect([body, (await send({ path, method: "POST", headers, body })).status]).toEqual([body, 400]);
    }
    expect((await send({ path: "/health" })).text).toBe("OK");
  });

  test("HEAD answers like GET, without the body", async () => {
    const { info } = await client().createRun("0");
    await client().logArtifact(info.run_id, "f.txt", "12345");
    const path = `/api/2.0/mlflow-artifacts/artifacts/0/${info.run_id}/artifacts/f.txt`;
    const head = await send({ path, method: "HEAD" });
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers["content-length"]).toBe("5");
    expect((await send({ path: `/get-artifact?run_id=${info.run_id}&path=f.txt` })).text).toBe("12345");
  });

  test("a file is an attachment, so that no page runs as this server's", async () => {
    const { info } = await client().createRun("0");
    await client().logArtifact(info.run_id, "é'.html", "<script>");
    const path = `/api/2.0/mlflow-artifacts/artifacts/0/${info.run_id}/artifacts/%C3%A9'.html`;
    const { headers } = await send({ path });
    expect(headers["content-disposition"]).toBe("attachment; filename*=UTF-8''%C3%A9%27.html");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  test("an upload that breaks off leaves the old file, and nothing beside it", async () => {
    const { info } = await client().createRun("0");
    await client().logArtifact(info.run_id, "f.bin", "whole");
    const path = `/api/2.0/mlflow-artifacts/artifacts/0/${info.run_id}/artifacts/f.bin`;
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write(
          `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(5_000)}`,
          () => socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
    const incoming = join(folder, "artifacts", "incoming");
    await expect.poll(() => readdir(incoming), { timeout: 10_000 }).toEqual([]);
    expect(Buffer.from(await client().downloadArtifact(`runs:/${info.run_id}/f.bin`)).toString()).toBe(
      "whole",
    );
  });

  test("a file and a folder of one name are refused with the path", async () => {
    const { info } = await client().createRun("0");
    await client().logArtifact(info.run_id, "a/b", "x");
    await expect(client().logArtifact(info.run_id, "a/b/c", "x")).rejects.toMatchObject({ status: 400 });
    await expect(client().logArtifact(info.run_id, "a", "x")).rejects.toMatchObject({ status: 400 });
    expect((await readdir(join(folder, "artifacts", "incoming"))).length).toBe(0);
    await expect(client().downloadArtifact(`runs:/${info.run_id}/a`)).rejects.toMatchObject({ status: 400 });
  });

  test("many downloads and uploads of one file at once never mix", async () => {
    const { info } = await client().createRun("0");
    const contents = Array.from({ length: 8 }, (_, index) => String(index).repeat(100_000 + index));
    await client().logArtifact(info.run_id, "f", contents[0] ?? "");
    const reads: string[] = [];
    await Promise.all(
      contents.flatMap((content) => [
        client().logArtifact(info.run_id, "f", content),
        client()
          .downloadArtifact(`runs:/${info.run_id}/f`)
          .then((bytes) => reads.push(Buffer.from(bytes).toString())),
      ]),
    );
    for (const read of reads) expect(contents).toContain(read);
  });

  test("a full log of old changes is rewritten when the server starts", async () => {
    const { info } = await client().createRun("0");
    const value = "v".repeat(7_900);
    for (let round = 0; round < 700; round++) await client().setTag(info.run_id, "t", `${value}${round}`);
    const path = join(folder, "catalogue.log");
    const before = (await stat(path)).size;
    await restart();
    expect((await stat(path)).size).toBeLessThan(before / 50);
    expect((await client().getRun(info.run_id)).data.tags).toContainEqual({ key: "t", value: `${value}699` });
    await client().setTag(info.run_id, "t", "after");
    await restart();
    expect((await client().getRun(info.run_id)).data.tags).toContainEqual({ key: "t", value: "after" });
    expect(await readFile(path, "utf8")).not.toContain(`${value}0"`);
  });
});

interface Sent {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function send(input: {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}): Promise<Sent> {
  const { path, method = "GET", headers = {}, body = "" } = input;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: "127.0.0.1",
        port: server.port,
        path,
        method,
        agent: false,
        headers: { "content-length": Buffer.byteLength(body), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString("utf8"),
            headers: response.headers,
          }),
        );
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
