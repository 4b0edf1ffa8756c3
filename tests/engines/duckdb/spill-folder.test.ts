import { spawnSync } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openEngine } from "../../../src/engines/open.ts";
import { temporaryFolder } from "../temp-folder.ts";

const folder = await temporaryFolder();

it("an engine spills into a folder that is gone after close, and removes what killed ones have left", async () => {
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  await mkdir(join(folder, `taller-spill-${dead}-00000000-00000000`, "deep"), { recursive: true });
  await mkdir(join(folder, `taller-spill-${process.ppid}-00000000-00000000`));
  const engine = await openEngine("duckdb", { threads: 1, memoryBytes: 40 * 1024 ** 2, spillFolder: folder });
  expect(await readdir(folder)).toEqual([`taller-spill-${process.ppid}-00000000-00000000`]);
  const sorted = await engine.query("SELECT * FROM range(3000000) ORDER BY hash(range)", { maxRows: 1 });
  expect(sorted.rowCount).toBe(1);
  expect(await readdir(folder)).toHaveLength(2);
  await engine.close();
  expect(await readdir(folder)).toHaveLength(1);
});
