import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { startPostgres } from "../../../src/services/postgres/embedded/server.ts";
import { postgresContract } from "./contract.ts";

const folder = await mkdtemp(join(tmpdir(), "taller-pg-contract-"));
const server = await startPostgres({ folder, port: 0 });
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the embedded PostgreSQL", () => postgresContract(async () => server));
