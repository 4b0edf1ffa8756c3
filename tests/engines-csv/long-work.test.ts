import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import { inspectCsv, normaliseCsv } from "../../src/engines/csv/csv.ts";
import { intake, userErrorOf } from "./intake.ts";

const { file, folder } = intake();

/** About 3 MB that must be written out, because of the CR line ends. */
const LARGE = `id,name\r${"1,some words that fill a line\r".repeat(100_000)}`;

describe("long work", () => {
  test("tells how many bytes of how many it has read, to the last one", async () => {
    const path = await file(LARGE);
    const events: WorkEvent[] = [];
    const emit = (event: WorkEvent) => events.push(event);
    await normaliseCsv(path, await inspectCsv(path), { folder: join(folder(), "progress"), emit });
    const done = events.flatMap((event) => (event.kind === "progress" ? [event.done] : []));
    expect(done.length).toBeGreaterThanOrEqual(2);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({
      kind: "progress",
      unit: "bytes",
      done: LARGE.length,
      total: LARGE.length,
    });
  });

  test("stops when cancelled, and leaves no file", async () => {
    const path = await file(LARGE);
    const out = join(folder(), "cancelled");
    const abort = new AbortController();
    const emit = () => abort.abort();
    const inspection = await inspectCsv(path);
    await expect(normaliseCsv(path, inspection, { folder: out, emit, signal: abort.signal })).rejects.toThrow(
      CancelledError,
    );
    expect(await readdir(out)).toEqual([]);
  });

  test("a cancelled look reads nothing", async () => {
    const path = await file("a,b\n1,2\n");
    await expect(inspectCsv(path, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });

  test.skipIf(process.platform !== "linux")("a full disk is said in words", async () => {
    const path = await file(LARGE);
    const out = join(folder(), "full");
    await mkdir(out);
    await symlink("/dev/full", join(out, "rows.csv"));
    const error = await userErrorOf(normaliseCsv(path, await inspectCsv(path), { folder: out }));
    expect([error.code, error.fault]).toEqual(["disk-enospc", "environment"]);
  });

  test("rows that are broken late are written after a copy of the clean ones before", async () => {
    const clean = Array.from({ length: 60_000 }, (_, i) => `${i},name ${i}`);
    const path = await file(`id,name\r\n${clean.join("\r\n")}\r\n60000,x,too many\r\n60001,last`);
    const result = await normaliseCsv(path, await inspectCsv(path), { folder: join(folder(), "late") });
    expect(result.isInPlace).toBe(false);
    expect(await readFile(result.path, "utf8")).toBe(`id,name\r\n${clean.join("\r\n")}\r\n60001,last\r\n`);
  });
});
