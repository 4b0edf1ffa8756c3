import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendLine, diskError, writeFileAtomic } from "../../src/core/atomic-file.ts";
import { UserError } from "../../src/core/errors.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-atomic-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("atomic files", () => {
  test("a file is replaced whole and nothing stays beside it", async () => {
    const path = join(folder, "a", "state.json");
    await writeFileAtomic(path, "one");
    await writeFileAtomic(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect(await readdir(join(folder, "a"))).toEqual(["state.json"]);
  });

  test("many writers at once leave one whole content", async () => {
    const path = join(folder, "busy.json");
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, "utf8"));
  });

  test("a torn last line spoils only itself", async () => {
    const path = join(folder, "log.jsonl");
    await appendLine(path, '{"id":1}');
    await writeFile(path, `${await readFile(path, "utf8")}{"id":2,"to`);
    await appendLine(path, '{"id":3}');
    expect((await readFile(path, "utf8")).split("\n")).toEqual(['{"id":1}', '{"id":2,"to', '{"id":3}', ""]);
  });

  test("lines appended at once do not mix", async () => {
    const path = join(folder, "many.jsonl");
    const lines = Array.from({ length: 50 }, (_, index) => JSON.stringify({ index, pad: "x".repeat(500) }));
    await Promise.all(lines.map((line) => appendLine(path, line)));
    const read = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
    expect(read.sort()).toEqual([...lines].sort());
  });

  test("a full disk is said in words, and an unknown error passes as it is", () => {
    const full = diskError(Object.assign(new Error("write"), { code: "ENOSPC" }), "x.json");
    expect(full).toBeInstanceOf(UserError);
    expect(full).toMatchObject({ fault: "environment", code: "disk-enospc", where: "x.json" });
    const other = new Error("other");
    expect(diskError(other, "x.json")).toBe(other);
  });
});
