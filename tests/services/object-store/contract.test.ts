import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { startObjectStore } from "../../../src/services/object-store/embedded/server.ts";
import { objectStoreContract } from "./contract.ts";
import { minioContract } from "./minio-contract.ts";
import { keys } from "./start-store.ts";

const folder = await mkdtemp(join(tmpdir(), "taller-s3-contract-"));
const store = await startObjectStore({ folder, port: 0, ...keys });
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
const open = async () => ({ endpoint: store.endpoint, ...keys });

describe("the embedded object store, by the AWS SDK", () => objectStoreContract(open));
describe("the embedded object store, by minio", () => minioContract(open));
