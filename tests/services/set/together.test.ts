import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { openPostgres } from "../../../src/services/postgres/client.ts";
import { openServices } from "../../../src/services/set/open-services.ts";
import { readRecord } from "../../../src/services/set/record.ts";
import type { ServiceName } from "../../../src/services/set/service.ts";
import { bundleProgram, startProgram } from "../child-program.ts";

const HOST = new URL("../../../src/services/set/host.ts", import.meta.url);
const COUNT = new URL("./children/count-in-postgres.ts", import.meta.url);

test("two commands in two processes count in one database", async () => {
  const workspace = await mkdtemp(join(tmpdir(), "taller-set-"));
  onTestFinished(() => rm(workspace, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const hostProgram = await bundleProgram(HOST, { external: ["@electric-sql/pglite"] });
  const program = await bundleProgram(COUNT);
  const children = [1, 2].map(() => startProgram(program, [workspace, hostProgram, "25"]));
  const urls = await Promise.all(children.map((child) => child.nextLine()));
  expect(urls[0]).toBe(urls[1]);
  expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0]);

  const env = process.env;
  const services = await openServices({ workspace, names: ["postgres"], env, hostProgram, graceMs: 100 });
  const db = await openPostgres(services.addresses.postgres);
  expect((await db.query("SELECT n FROM counter")).rows).toEqual([{ n: 50 }]);
  await db.close();
  services.close();
  await until(async () => (await readRecord(workspace, "postgres")) === undefined);
});

const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.runIf(canMount)("a full disk", () => {
  test.each<ServiceName>(["s3", "postgres"])(
    "is told in words, and %s starts when there is room again",
    async (name) => {
      const disk = await mkdtemp(join(tmpdir(), "taller-set-disk-"));
      onTestFinished(() => rm(disk, { recursive: true, force: true }));
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=200m", "tmpfs", disk]).status).toBe(0);
      onTestFinished(() => void spawnSync("umount", ["-l", disk]));
      const workspace = join(disk, "workspace");
      await mkdir(join(workspace, ".taller"), { recursive: true });
      const { bavail, bsize } = await statfs(disk);
      await writeFile(join(disk, "filler"), Buffer.alloc(bavail * bsize));
      const hostProgram = await bundleProgram(HOST, { external: ["@electric-sql/pglite"] });
      const open = () =>
        openServices({ workspace, names: [name], env: process.env, hostProgram, graceMs: 100 });
      await expect(open()).rejects.toMatchObject({ name: "UserError", code: "disk-enospc" });
      await rm(join(disk, "filler"));
      const services = await open();
      expect(await readRecord(workspace, name)).toBeDefined();
      services.close();
      await until(async () => (await readRecord(workspace, name)) === undefined);
    },
  );
});

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 20_000; !(await isDone()); await sleep(20)) {
    if (performance.now() > deadline) throw new Error("it did not come to pass");
  }
}
