import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLineLog } from "../../../../src/services/tracking/embedded/store/line-log.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-line-log-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("a log of lines", () => {
  test("gives back what was appended, in order, over restarts", async () => {
    const path = join(folder, "deep", "a.log");
    await appendTo(path, ["one", "ñ two"]);
    await appendTo(path, ['{"three":3}']);
    expect(await read(path)).toEqual(["one", "ñ two", '{"three":3}']);
  });

  test("cut at any byte, it gives the whole lines before the cut, and goes on after them", async () => {
    const path = join(folder, "cut.log");
    const lines = ["first", "sécond", "third"];
    await appendTo(path, lines);
    const bytes = await readFile(path);
    const ends = lines.map((_, index) => {
      const text = lines.slice(0, index + 1).map((line) => `00000000 ${line}\n`);
      return Buffer.byteLength(text.join(""));
    });
    for (let length = 0; length <= bytes.length; length++) {
      const torn = join(folder, "torn.log");
      await writeFile(torn, bytes);
      await truncate(torn, length);
      const whole = ends.filter((end) => end <= length).length;
      expect(await read(torn)).toEqual(lines.slice(0, whole));
      await appendTo(torn, ["next"]);
      expect(await read(torn)).toEqual([...lines.slice(0, whole), "next"]);
    }
  });

  test("a damaged last line is cut off, one in the middle is an error that names it", async () => {
    const path = join(folder, "damaged.log");
    await appendTo(path, ["first", "second", "third"]);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("third", "thirx"));
    expect(await read(path)).toEqual(["first", "second"]);
    await writeFile(path, text.replace("second", "secxnd"));
    await expect(openLineLog(path, () => {})).rejects.toMatchObject({
      code: "tracking-damaged",
      where: `${path}:2`,
    });
    expect(await readFile(path, "utf8")).toContain("third");
  });

  test("is rewritten whole, and appended to after that", async () => {
    const path = join(folder, "rewritten.log");
    const log = await openLineLog(path, () => {});
    await log.append(Array.from({ length: 100 }, (_, index) => `old ${index}`));
    await log.rewrite(["a", "b"]);
    expect(log.lineCount).toBe(2);
    await log.append(["c"]);
    await log.close();
    expect(await read(path)).toEqual(["a", "b", "c"]);
  });
});

async function appendTo(path: string, lines: readonly string[]): Promise<void> {
  const log = await openLineLog(path, () => {});
  await log.append(lines);
  await log.close();
}

async function read(path: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const log = await openLineLog(path, (line) => lines.push(line));
  await log.close();
  expect(log.lineCount).toBe(lines.length);
  return lines;
}
