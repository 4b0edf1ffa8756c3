import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type BrokerEvent, startKafka } from "../../../../src/services/kafka/embedded/server.ts";
import { openTopicLog } from "../../../../src/services/kafka/topic-log.ts";
import { byteColumn, textsOf } from "../columns.ts";

/** A disk of 4 MB, where this system lets us mount one (root on Linux). */
const folder = mkdtempSync(join(tmpdir(), "taller-kafka-disk-"));
const disk = join(folder, "disk");
mkdirSync(disk);
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status === 0;

afterAll(() => {
  if (isMounted) spawnSync("umount", [disk]);
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(isMounted)("a full disk", () => {
  it("is told, loses nothing that was acknowledged, and is well again when there is room", async () => {
    const events: BrokerEvent[] = [];
    let server = await startKafka({ folder: join(disk, "kafka"), onEvent: (event) => events.push(event) });
    const log = openTopicLog({ brokers: server.brokers });
    await log.createTopic("kept");
    await log.createTopic("other");
    const value = "v".repeat(100_000);
    const write = (topic: string, n: number) =>
      log.append(topic, 0, { count: 1, values: byteColumn([`${n} ${value}`]) });
    for (let n = 0; n < 10; n++) await write("other", n);
    let acknowledged = 0;
    await expect(
      (async () => {
        for (; acknowledged < 100; acknowledged++) await write("kept", acknowledged);
      })(),
    ).rejects.toMatchObject({ code: "kafka-disk" });
    expect(acknowledged).toBeGreaterThan(10);
    expect(events.map(({ kind }) => kind)).toContain("disk");
    await log.deleteTopic("other");
    const { port } = server;
    for (const restarts of [false, true]) {
      if (restarts) {
        await server.close();
        server = await startKafka({ folder: join(disk, "kafka"), port });
      }
      await write("kept", acknowledged++);
      const seen: number[] = [];
      for await (const { bytes, valueStarts, valueEnds } of log.read({
        topic: "kept",
        partition: 0,
        from: 0,
        to: acknowledged,
      }))
        seen.push(...textsOf(bytes, valueStarts, valueEnds).map((text) => Number(text?.split(" ")[0])));
      expect(seen).toEqual(Array.from({ length: acknowledged }, (_, n) => n));
    }
    await log.close();
    await server.close();
  });
});
