import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { VARIANTS } from "../../../src/data/leads/columns.ts";
import { defectsPathOf, ledgerPathOf, writeLeads } from "../../../src/data/leads/write-leads.ts";
import { bundleGenerator } from "./bundle.ts";
import golden from "./golden.json" with { type: "json" };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bytes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the bytes of a file of leads", () => {
  test.each(
    z
      .array(
        z.strictObject({
          rows: z.int(),
          seed: z.int(),
          variant: z.enum(VARIANTS),
          csv: z.string(),
          defects: z.string(),
          ledger: z.string(),
        }),
      )
      .parse(golden),
  )(
    "are the committed ones: $rows rows, seed $seed, $variant",
    async ({ csv, defects, ledger, ...options }) => {
      const path = join(folder, "golden.csv");
      await writeLeads({ ...options, path, threads: 1 });
      expect({
        csv: await sha256(path),
        defects: await sha256(defectsPathOf(path)),
        ledger: await sha256(ledgerPathOf(path)),
      }).toEqual({ csv, defects, ledger });
    },
  );

  test("are the same on 1, 2 and 4 threads", async () => {
    const compiled = pathToFileURL(await bundleGenerator(join(folder, "compiled"))).href;
    const { writeLeads: write }: { writeLeads: typeof writeLeads } = await import(compiled);
    const hashes = await Promise.all(
      [1, 2, 4].map(async (threads) => {
        const path = join(folder, `threads-${threads}.csv`);
        await write({ rows: 100_000, seed: 7, variant: "plain", path, threads });
        return [await sha256(path), await sha256(defectsPathOf(path)), await sha256(ledgerPathOf(path))];
      }),
    );
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });

  test("begin every longer file of the same seed", async () => {
    const bytesOf = async (rows: number) => {
      const path = join(folder, `prefix-${rows}.csv`);
      await writeLeads({ rows, seed: 9, variant: "plain", path, threads: 1 });
      return readFile(path);
    };
    const longer = await bytesOf(20_000);
    for (const rows of [0, 1, 8_192, 8_193, 13_000]) {
      const shorter = await bytesOf(rows);
      expect(longer.subarray(0, shorter.length).equals(shorter), `${rows} rows`).toBe(true);
    }
  });

  test("differ by seed, and by variant only in the label or the added column", async () => {
    const rowsOf = async (seed: number, variant: (typeof VARIANTS)[number]) => {
      const path = join(folder, "variant.csv");
      await writeLeads({ rows: 2_000, seed, variant, path, threads: 1 });
      return (await readFile(path, "utf8")).split("\n");
    };
    const [plain, noise, leaky, other] = [
      await rowsOf(7, "plain"),
      await rowsOf(7, "noise"),
      await rowsOf(7, "leaky"),
      await rowsOf(8, "plain"),
    ];
    const beforeLabel = (line: string) => line.split(",").slice(0, 9).join(",");
    expect(noise.slice(1).map(beforeLabel)).toEqual(plain.slice(1).map(beforeLabel));
    expect(noise).not.toEqual(plain);
    expect(leaky.slice(1).map(beforeLabel)).toEqual(plain.slice(1).map(beforeLabel));
    expect(other.slice(1).map(beforeLabel)).not.toEqual(plain.slice(1).map(beforeLabel));
  });

  test("start with a byte order mark and end with a line break", async () => {
    const path = join(folder, "edges.csv");
    await writeLeads({ rows: 100, seed: 3, variant: "plain", path, threads: 1 });
    const bytes = await readFile(path);
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(bytes.at(-1)).toBe(0x0a);
    expect(bytes.includes(0x0d)).toBe(false);
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).not.toThrow();
  });
});

async function sha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
