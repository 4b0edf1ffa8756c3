import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { beginReplacement, recoverTarget } from "../../src/engines/folder-swap.ts";
import { bundleChild, startChild } from "./crash/child.ts";
import { temporaryFolder } from "./temp-folder.ts";

const folder = await temporaryFolder();
let script: string;
let cases = 0;

beforeAll(async () => {
  // Beside the repository's node_modules there is nothing to resolve: this child uses Node's own modules only.
  script = await bundleChild("swap-child", folder);
});

async function oldTable(): Promise<string> {
  const target = join(folder, `case-${cases++}`, "table");
  await mkdir(join(target, "p=0"), { recursive: true });
  for (const name of ["a", join("p=0", "z")]) await writeFile(join(target, name), "old");
  return target;
}

/** The content of every file, and whatever lies beside the table. */
async function contentOf(target: string): Promise<{ files: Record<string, string>; beside: string[] }> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(target.length + 1)] = await readFile(path, "utf8");
  }
  return { files, beside: (await readdir(join(target, ".."))).filter((name) => name !== "table") };
}

const OLD = { a: "old", [join("p=0", "z")]: "old" };
const NEW = { a: "new", b: "new", [join("p=1", "c")]: "new" };

describe("a replaced folder", () => {
  it("is the old one or the new one after a kill before any operation, and nothing lies beside it", async () => {
    const whole = await startChild(script, [await oldTable(), "0"]).ended;
    const operations = Number(whole.stdout);
    expect(operations).toBeGreaterThan(10);
    const seen = { old: 0, new: 0 };
    for (let at = 1; at <= operations; at++) {
      const target = await oldTable();
      const ended = await startChild(script, [target, String(at)]).ended;
      expect(ended.signal).toBe("SIGKILL");
      await recoverTarget(target);
      const { files, beside } = await contentOf(target);
      const version = files.a === "new" ? "new" : "old";
      seen[version]++;
      expect(files).toEqual(version === "new" ? NEW : OLD);
      expect(beside).toEqual([]);
    }
    expect(seen.old).toBeGreaterThan(5);
    expect(seen.new).toBeGreaterThan(2);
  });

  it("is whole for a reader that recovers while writers replace it", async () => {
    const target = await oldTable();
    let isWriting = true;
    const writer = async (text: string): Promise<void> => {
      for (let i = 0; i < 25; i++) {
        const replacement = await beginReplacement(target);
        await mkdir(replacement.beside);
        for (const name of ["a", "b", "c"]) await writeFile(join(replacement.beside, name), text);
        await replacement.commit();
      }
    };
    const reader = async (): Promise<number> => {
      let reads = 0;
      for (; isWriting; reads++) {
        await recoverTarget(target);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return reads;
    };
    const reading = reader();
    await Promise.all([writer("one"), writer("two")]);
    isWriting = false;
    expect(await reading).toBeGreaterThan(0);
    const { files, beside } = await contentOf(target);
    expect(new Set(Object.values(files)).size).toBe(1);
    expect(Object.keys(files)).toEqual(["a", "b", "c"]);
    expect(beside).toEqual([]);
  });

  it("keeps the folder that a living process of another number is writing", async () => {
    const target = await oldTable();
    const parent = process.ppid;
    const living = join(target, "..", `.table.tmp-${parent}-00000000-00000000`);
    await mkdir(living);
    await recoverTarget(target);
    expect((await contentOf(target)).beside).toHaveLength(1);
  });

  it("is given back when only the old one is left aside", async () => {
    const target = await oldTable();
    const { rename } = await import("node:fs/promises");
    await rename(target, join(target, "..", ".table.old-1-00000000-00000000"));
    await recoverTarget(target);
    expect(await contentOf(target)).toEqual({ files: OLD, beside: [] });
  });

  it("is left as it was by a replacement that is abandoned", async () => {
    const target = await oldTable();
    const replacement = await beginReplacement(target);
    await mkdir(replacement.beside);
    await replacement.abandon();
    expect(await contentOf(target)).toEqual({ files: OLD, beside: [] });
  });
});
