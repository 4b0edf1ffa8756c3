import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { CancelledError, UserError } from "../../../src/core/errors.ts";
import { openTracking, TrackingError } from "../../../src/services/tracking/client.ts";

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

describe("the tracking client says what went wrong", () => {
  test("nobody listens: tracking-unreachable, with the address and what to type", async () => {
    const uri = await serve(() => {});
    await new Promise((resolve) => server?.close(resolve));
    const error = await failure(openTracking({ uri }).getExperiment("1"));
    expect(error).toMatchObject({ code: "tracking-unreachable", fault: "environment", where: uri });
    expect(error.what.en).toContain("ECONNREFUSED");
    expect(error.next.length).toBeGreaterThan(0);
  });

  test("a server that never answers is given up after the time limit", async () => {
    const uri = await serve(() => {});
    const error = await failure(openTracking({ uri, timeoutMs: 60 }).getExperiment("1"));
    expect(error).toMatchObject({ code: "tracking-unreachable" });
    expect(error.what.en).toContain("60 ms");
  });

  test("an aborted signal is a cancellation, not an error of the server", async () => {
    const uri = await serve(() => {});
    const stop = new AbortController();
    const call = openTracking({ uri, signal: stop.signal }).getExperiment("1");
    stop.abort();
    await expect(call).rejects.toBeInstanceOf(CancelledError);
  });

  test("a refusal keeps MLflow's error_code and message", async () => {
    const body = { error_code: "INVALID_PARAMETER_VALUE", message: "no such order", sqlstate: "KAM00" };
    const uri = await serve((_, response) => response.writeHead(400).end(JSON.stringify(body)));
    const error = await failure(openTracking({ uri }).getExperiment("1"));
    expect(error).toBeInstanceOf(TrackingError);
    expect(error).toMatchObject({
      errorCode: "INVALID_PARAMETER_VALUE",
      status: 400,
      fault: "data",
      code: "tracking-invalid-parameter-value",
    });
    expect(error.what.es).toContain("no such order");
  });

  test("another program's page is named as what it is: not MLflow", async () => {
    const page = "<html><h1>Welcome</h1></html>";
    const uri = await serve((request, response) => {
      response.writeHead(request.method === "GET" ? 200 : 404).end(page);
    });
    const client = openTracking({ uri });
    expect(await failure(client.getExperiment("1"))).toMatchObject({ code: "tracking-not-mlflow" });
    expect(await failure(client.createExperiment("x"))).toMatchObject({ code: "tracking-not-mlflow" });
  });

  test("JSON of another shape is not MLflow either", async () => {
    const uri = await serve((_, response) => response.end('{"hello":"world"}'));
    const error = await failure(openTracking({ uri }).getExperiment("1"));
    expect(error).toMatchObject({ code: "tracking-not-mlflow" });
  });

  test("a host that the server does not allow is told with the flag that allows it", async () => {
    const uri = await serve((_, response) => response.writeHead(403).end("Invalid Host header"));
    const error = await failure(openTracking({ uri }).getExperiment("1"));
    expect(error).toMatchObject({ code: "tracking-forbidden" });
    expect(error.next.map((line) => line.en).join("\n")).toContain("--allowed-hosts");
  });

  test("an address without http:// is a usage error", () => {
    expect(() => openTracking({ uri: "localhost:5000" })).toThrow(UserError);
    expect(() => openTracking({ uri: "sqlite:///mlflow.db" })).toThrow(/http/);
  });

  test("user and password go into the header and stay out of the address", async () => {
    let authorization: string | undefined;
    const uri = await serve((request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(401).end();
    });
    const client = openTracking({ uri: uri.replace("http://", "http://ana:s%40cret@") });
    const error = await failure(client.getExperiment("1"));
    expect(authorization).toBe(`Basic ${Buffer.from("ana:s@cret").toString("base64")}`);
    expect(client.uri).toBe(uri);
    expect(JSON.stringify([error.where, error.what, error.next])).not.toContain("s%40cret");
  });
});

async function serve(listener: RequestListener): Promise<string> {
  const made = createServer(listener);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", () => resolve()));
  const address = made.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

async function failure(call: Promise<unknown>): Promise<UserError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw new Error("expected a UserError", { cause: error });
}
