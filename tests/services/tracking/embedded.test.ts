import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { startTracking, type TrackingServer } from "../../../src/services/tracking/embedded/server.ts";
import { trackingContract } from "./contract.ts";

let folder = "";
let server: TrackingServer | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-tracking-"));
  server = await startTracking({ folder, port: 0 });
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the embedded tracking server keeps MLflow's contract", () => {
  trackingContract(() => server?.uri ?? "");
});
