import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { Client as MinioClient } from "minio";
import { onTestFinished } from "vitest";
import { objectStoreClient } from "../../../src/services/object-store/client.ts";
import {
  type ObjectStoreOptions,
  type RunningObjectStore,
  startObjectStore,
} from "../../../src/services/object-store/embedded/server.ts";

/** What a client needs of an object store. */
export interface StoreAddress {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const keys = { accessKeyId: "taller", secretAccessKey: "a secret/with+signs=" };

/** A folder that goes with the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taller-s3-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An object store that ends with the test. */
export async function testStore(
  options: Partial<ObjectStoreOptions> = {},
): Promise<RunningObjectStore & StoreAddress & { readonly folder: string }> {
  const folder = options.folder ?? (await testFolder());
  const store = await startObjectStore({ port: 0, ...keys, ...options, folder });
  onTestFinished(() => store.close());
  return { ...store, ...keys, folder };
}

export function awsClient(address: StoreAddress): S3Client {
  const { endpoint, accessKeyId, secretAccessKey } = address;
  return new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    // Amazon takes no chunks below 8 kB but the last.
    requestStreamBufferSize: 65_536,
  });
}

export function minioClient(address: StoreAddress): Promise<MinioClient> {
  return objectStoreClient(address);
}
