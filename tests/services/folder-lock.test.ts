import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { lockFolder } from "../../src/services/folder-lock.ts";
import { bundleProgram, startProgram } from "./child-program.ts";

async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taller-lock-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it was expected to be refused"),
    (error: unknown) => error,
  );

describe("a folder's lock", () => {
  test("is held by one, and then by the next", async () => {
    const folder = await testFolder();
    const first = await lockFolder(folder, "first");
    const refused = await failure(lockFolder(folder, "second"));
    expect(refused).toBeInstanceOf(UserError);
    expect(refused).toMatchObject({ code: "folder-in-use", where: folder });
    expect(String(refused)).toContain(`first, pid ${process.pid}`);
    await first.release();
    expect(existsSync(join(folder, "lock.json"))).toBe(false);
    const third = await lockFolder(folder, "third");
    await third.release();
  });

  test("of a process that was killed goes to whoever asks, and to one of many", async () => {
    const folder = await testFolder();
    const program = await bundleProgram(new URL("./children/hold-lock.ts", import.meta.url));
    const child = startProgram(program, [folder]);
    expect(await child.nextLine()).toBe("held");
    expect(await failure(lockFolder(folder, "too early"))).toMatchObject({ code: "folder-in-use" });
    await child.kill();
    const asked = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => lockFolder(folder, `asker ${i}`)),
    );
    const held = asked.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(held).toHaveLength(1);
    await held[0]?.release();
  });

  test("is not believed because its process number, or its port, is somebody else's by now", async () => {
    const folder = await testFolder();
    const stranger = await listening();
    for (const port of [stranger.port, 1]) {
      const stale = { pid: process.pid, port, token: "0".repeat(32), task: "gone" };
      await writeFile(join(folder, "lock.json"), JSON.stringify(stale));
      const lock = await lockFolder(folder, "new");
      expect(await readFile(join(folder, "lock.json"), "utf8")).toContain('"task":"new"');
      await lock.release();
    }
    stranger.server.close();
  });

  test.each(["", "{", "[]", '{"pid":1}'])("that is torn or foreign (%s) is replaced", async (content) => {
    const folder = await testFolder();
    await writeFile(join(folder, "lock.json"), content);
    const lock = await lockFolder(folder, "new");
    await lock.release();
  });

  test("is not removed by one that no longer holds it", async () => {
    const folder = await testFolder();
    const first = await lockFolder(folder, "first");
    await rm(join(folder, "lock.json"));
    const second = await lockFolder(folder, "second");
    await first.release();
    expect(await failure(lockFolder(folder, "third"))).toMatchObject({ code: "folder-in-use" });
    await second.release();
  });
});

/** A server that greets with something else. */
async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.end("220 mail ready, and more words than a token has\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}
