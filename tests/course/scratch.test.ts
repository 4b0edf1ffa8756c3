import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { makeScratch } from "../../src/course/scratch.ts";

const parent = mkdtempSync(join(tmpdir(), "taller-scratch-"));
afterEach(() => {
  for (const name of readdirSync(parent)) rmSync(join(parent, name), { recursive: true });
});

const own = await makeScratch(parent, "etl");
const ownName = basename(own.dir);
await own.remove();

/** The folder that a process left which ended right after it made it, before it wrote anything. */
function leftByTheDead(): string {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const [, ...rest] = ownName.split(".").slice(1);
  const name = ["etl", String(pid), ...rest].join(".");
  mkdirSync(join(parent, name));
  return name;
}

test("a scratch folder of a killed run goes, even when the run wrote nothing into it", async () => {
  const dead = leftByTheDead();
  expect(readdirSync(parent)).toEqual([dead]);
  const scratch = await makeScratch(parent, "etl");
  expect(readdirSync(parent)).toEqual([basename(scratch.dir)]);
});

test("a scratch folder in use stays", async () => {
  const first = await makeScratch(parent, "etl");
  const second = await makeScratch(parent, "formats");
  expect(readdirSync(parent).sort()).toEqual([basename(first.dir), basename(second.dir)].sort());
});

test("a scratch folder of another machine, made today, stays", async () => {
  const parts = ownName.split(".");
  const foreign = ["etl", "1", String(Date.now()), "00000000", parts.at(-1)].join(".");
  mkdirSync(join(parent, foreign));
  await makeScratch(parent, "etl");
  expect(readdirSync(parent)).toContain(foreign);
});
