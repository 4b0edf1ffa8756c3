import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import { rowsOf } from "../../src/core/table.ts";
import { openWorkspace } from "./run.ts";

let workspace: Awaited<ReturnType<typeof openWorkspace>>;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

describe("taller run wordcount", () => {
  test("counts the words of its own server's lines", async () => {
    const ran = await workspace.run("wordcount", { linesPerSecond: "10", top: "3" });
    const last = batchTables(ran.events).at(-1);
    // Counted by hand in the ten lines.
    expect(last).toEqual([
      { word: "de", count: 12n },
      { word: "los", count: 5n },
      { word: "las", count: 3n },
    ]);
    expect(ran.report?.rows).toMatchObject({ read: 10, processed: 10 });
  });

  test("reads another server's lines until it is stopped", async () => {
    const server = createServer((socket) => socket.write("uno dos dos\ndos tres tres tres\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const stop = new AbortController();
    const events: WorkEvent[] = [];
    const run = workspace.run("wordcount", { port: String(port) }, { signal: stop.signal, events });
    const deadline = performance.now() + 20_000;
    while (batchTables(events).length === 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await expect(run).rejects.toThrow(CancelledError);
    server.close();
    expect(batchTables(events).at(-1)).toEqual([
      { word: "dos", count: 3n },
      { word: "tres", count: 3n },
      { word: "uno", count: 1n },
    ]);
  });

  test("names the address where nobody sends lines", async () => {
    await expect(workspace.run("wordcount", { port: "1" })).rejects.toMatchObject({
      code: "socket-unreachable",
    });
  });
});

function batchTables(emitted: readonly WorkEvent[]) {
  return emitted.flatMap((event) => (event.kind === "table" ? [rowsOf(event.table)] : []));
}
