import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cutSample } from "../../lessons/01-etl/pipelines/etl/sample.ts";

const folder = await mkdtemp(join(tmpdir(), "taller-sample-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const sampleOf = async (text: string, maxBytes: number, quote = '"'): Promise<string> => {
  const path = join(folder, "whole.csv");
  await writeFile(path, text);
  return readFile(await cutSample({ path, to: join(folder, "sample.csv"), quote, maxBytes }), "utf8");
};

test("a sample ends with a whole record", async () => {
  expect(await sampleOf("a,b\n1,2\n3,4\n", 10)).toBe("a,b\n1,2\n");
});

test("a line break inside quotes ends no record", async () => {
  expect(await sampleOf('a,b\n1,2\n3,"x\ny"\n', 15)).toBe("a,b\n1,2\n");
});

test("a doubled quote does not open a text", async () => {
  expect(await sampleOf('a,b\n1,"say ""x"""\n3,4\n', 20)).toBe('a,b\n1,"say ""x"""\n');
});

test("a file without quoting is cut at its line ends", async () => {
  expect(await sampleOf('a,b\n1,5"\n3,4\n', 11, "")).toBe('a,b\n1,5"\n');
});

test("a file that is small enough is its own sample", async () => {
  expect(await sampleOf("a,b\n1,2\n", 100)).toBe("a,b\n1,2\n");
});

test("a file whose first record is longer than the sample is not cut", async () => {
  expect(await sampleOf(`a,b\n"${"x".repeat(50)}",2\n`, 3)).toBe(`a,b\n"${"x".repeat(50)}",2\n`);
});
