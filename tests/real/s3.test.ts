import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type RunningObjectStore,
  startObjectStore,
} from "../../src/services/object-store/embedded/server.ts";
import { objectStoreContract } from "../services/object-store/contract.ts";
import { minioContract } from "../services/object-store/minio-contract.ts";
import { awsClient, keys, type StoreAddress } from "../services/object-store/start-store.ts";
import { eventually, freePort, realSystem } from "./installed.ts";

const { home, python, isSkipped, note } = realSystem("s3");
const run = promisify(execFile);

/** Of versitygw 1.8.0, seen here. */
const gaps = {
  keysAreFiles: "its posix backend keeps an object as a file",
  noEncodingType: "it takes encoding-type=url and answers plain keys",
  keepsOldMetadata: "with --sidecar the old metadata stay",
};

describe.skipIf(isSkipped)(`versitygw${note}`, () => {
  let address: StoreAddress;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "taller-versitygw-"));
    for (const name of ["data", "meta", "versions"]) await mkdir(join(folder, name));
    const port = await freePort();
    const child = spawn(
      join(home, "versitygw"),
      [
        ...["--port", `127.0.0.1:${port}`, "--quiet", "posix", "--sidecar", join(folder, "meta")],
        ...["--versioning-dir", join(folder, "versions"), join(folder, "data")],
      ],
      {
        cwd: folder,
        stdio: "ignore",
        env: { ...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
      },
    );
    const closed = once(child, "close");
    stop = async () => {
      child.kill("SIGKILL");
      await closed;
      await rm(folder, { recursive: true, force: true });
    };
    address = { endpoint: `http://127.0.0.1:${port}`, ...keys };
    const s3 = awsClient(address);
    await eventually(() => s3.send(new ListBucketsCommand({})));
    s3.destroy();
  });
  afterAll(() => stop?.());

  describe("by the AWS SDK", () => objectStoreContract(async () => address, gaps));
  describe("by minio", () => minioContract(async () => address, gaps));
});

describe.skipIf(isSkipped)(`the embedded object store${note}`, () => {
  let store: RunningObjectStore;
  let folder = "";
  const warnings: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "taller-s3-foreign-"));
    store = await startObjectStore({
      folder: join(folder, "store"),
      port: 0,
      ...keys,
      onWarning: (message) => warnings.push(message),
    });
  });
  afterAll(async () => {
    await store?.close();
    await rm(folder, { recursive: true, force: true });
    expect(warnings).toEqual([]);
  });

  const environment = () => ({
    PATH: process.env.PATH ?? "",
    HOME: folder,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ENDPOINT_URL: store.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
  });

  test("serves boto3: transfers, pages, presigned addresses, any key, conditions, checksums", async () => {
    const script = fileURLToPath(new URL("./s3_boto3.py", import.meta.url));
    const { stdout } = await run(python, [script, folder], { env: environment() });
    expect(stdout.trim().split("\n")).toEqual([
      "transfers",
      "pages",
      "presigned",
      "keys",
      "conditions",
      "checksums",
      "copies",
      "errors",
    ]);
  });

  test("serves the aws command: copies, synchronises, lists, presigns, deletes", async () => {
    const aws = async (...args: string[]) =>
      (await run(join(home, "venv", "bin", "aws"), args, { env: environment() })).stdout;
    const local = join(folder, "local");
    await mkdir(join(local, "sub dir"), { recursive: true });
    const large = randomBytes(40_000_000);
    await writeFile(join(local, "large.bin"), large);
    await writeFile(join(local, "sub dir", "año.txt"), "hola");
    await aws("s3", "mb", "s3://taller-cli");
    await aws("s3", "sync", "--quiet", local, "s3://taller-cli/tree");
    expect(await aws("s3", "ls", "s3://taller-cli", "--recursive", "--summarize")).toMatch(
      /40000000 tree\/large\.bin\n.* 4 tree\/sub dir\/año\.txt\n[\s\S]*Total Objects: 2/,
    );
    expect(await aws("s3", "sync", local, "s3://taller-cli/tree")).toBe("");
    await aws("s3", "cp", "--quiet", "s3://taller-cli/tree/large.bin", "s3://taller-cli/copy.bin");
    await aws("s3", "sync", "--quiet", "s3://taller-cli", join(folder, "back"));
    for (const name of ["copy.bin", join("tree", "large.bin")]) {
      const back = await readFile(join(folder, "back", name));
      expect(createHash("md5").update(back).digest("hex")).toBe(
        createHash("md5").update(large).digest("hex"),
      );
    }
    const url = (await aws("s3", "presign", "s3://taller-cli/tree/sub dir/año.txt")).trim();
    expect(await (await fetch(url)).text()).toBe("hola");
    await aws("s3", "mv", "--quiet", "s3://taller-cli/copy.bin", "s3://taller-cli/moved.bin");
    await aws("s3", "rb", "--force", "s3://taller-cli");
    expect(await aws("s3", "ls")).not.toContain("taller-cli");
    expect(await readdir(join(folder, "store", "tmp"))).toEqual([]);
  });
});
