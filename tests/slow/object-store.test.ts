import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { bundleProgram, startProgram } from "../services/child-program.ts";
import { awsClient, keys } from "../services/object-store/start-store.ts";

const Bucket = "bucket";
const entry = new URL("../services/object-store/children/store.ts", import.meta.url);

async function folderOfTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taller-s3-slow-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("a store that is killed while it writes has every object that it acknowledged, whole, and no half of another", async () => {
  const folder = await folderOfTest();
  const program = await bundleProgram(entry);
  const random = seededRandom(5);
  /** The last version of each key that was acknowledged, and the last that was sent. */
  const acknowledged = new Map<string, number>();
  const sent = new Map<string, number>();
  let kills = 0;
  let interrupted = 0;
  for (let round = 0; round <= 20; round++) {
    const child = startProgram(program, [folder]);
    const s3 = awsClient({ endpoint: await child.nextLine(), ...keys });
    if (round === 0) await s3.send(new CreateBucketCommand({ Bucket }));
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
    await checkAll(s3, acknowledged, sent);
    if (round === 20) {
      s3.destroy();
      await child.kill();
      break;
    }
    let isOver = false;
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      // Half of the writers write the same few keys again and again, each its own; the others new ones.
      for (let i = 0; !isOver; i++) {
        const key = writer < 3 ? `again/${writer}/${i % 3}` : `new/${round}/${writer}/${i}`;
        const version = (sent.get(key) ?? 0) + 1;
        sent.set(key, version);
        try {
          await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: bodyOf(key, version) }));
          acknowledged.set(key, version);
        } catch {
          if (!isOver) throw new Error("a write failed before the kill");
          interrupted++;
        }
      }
    });
    await sleep(60 + random.below(250));
    isOver = true;
    kills++;
    await child.kill();
    await Promise.all(writers);
    s3.destroy();
  }
  expect(kills).toBe(20);
  // Kills that interrupt nothing would prove nothing.
  expect(interrupted).toBeGreaterThan(20);
  expect(acknowledged.size).toBeGreaterThan(100);
});

test("an object of 400 MB goes up and comes back through a process of less than 200 MB", async () => {
  const folder = await folderOfTest();
  const child = startProgram(await bundleProgram(entry), [folder]);
  const s3 = awsClient({ endpoint: await child.nextLine(), ...keys });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const block = randomBytes(1_000_000);
  const sentHash = createHash("md5");
  const Body = Readable.from(
    (function* () {
      for (let i = 0; i < 400; i++) {
        sentHash.update(block);
        yield block;
      }
    })(),
  );
  const { ETag } = await s3.send(
    new PutObjectCommand({ Bucket, Key: "large", Body, ContentLength: 400_000_000 }),
  );
  expect(ETag).toBe(`"${sentHash.digest("hex")}"`);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  const gotHash = createHash("md5");
  if (!(got.Body instanceof Readable)) throw new Error("the SDK gave no stream");
  for await (const chunk of got.Body) gotHash.update(chunk);
  expect(`"${gotHash.digest("hex")}"`).toBe(ETag);
  s3.destroy();
  child.process.kill("SIGTERM");
  expect(await child.ended()).toBe(0);
  const peakBytes = Number(await child.nextLine());
  expect(peakBytes).toBeLessThan(200_000_000);
  expect(peakBytes).toBeGreaterThan(20_000_000);
});

/** 1 kB to 300 kB that only this version of this key has. */
function bodyOf(key: string, version: number): Buffer {
  const seed = createHash("sha256").update(`${key} ${version}`).digest();
  return Buffer.alloc(1000 + (seed.readUInt16LE(0) % 300) * 1000, seed);
}

async function checkAll(
  s3: S3Client,
  acknowledged: ReadonlyMap<string, number>,
  sent: ReadonlyMap<string, number>,
): Promise<void> {
  const listed = new Set<string>();
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    for (const { Key = "", ETag, Size } of page.Contents ?? []) {
      listed.add(Key);
      const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
      // What was not acknowledged may have been written too, whole.
      const candidates = [];
      for (let v = acknowledged.get(Key) ?? 1; v <= (sent.get(Key) ?? 0); v++)
        candidates.push(bodyOf(Key, v));
      expect(candidates.some((body) => body.equals(bytes))).toBe(true);
      expect({ ETag, Size }).toEqual({ ETag: got.ETag, Size: bytes.length });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  for (const key of acknowledged.keys()) expect(listed).toContain(key);
}
