// Writes a file of leads without a build: node scripts/leads.mjs --rows 5000 --seed 7 --out leads.csv
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "5000" },
    seed: { type: "string", default: "7" },
    variant: { type: "string", default: "plain" },
    out: { type: "string", default: "leads.csv" },
  },
});
const folder = await mkdtemp(join(tmpdir(), "leads-"));
try {
  const outfile = join(folder, "write-leads.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../src/data/leads/write-leads.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  const { writeLeads } = await import(pathToFileURL(outfile).href);
  const { rows, seed, variant, out } = values;
  const ledger = await writeLeads({
    rows: Number(rows),
    seed: Number(seed),
    variant,
    path: resolve(out),
    threads: 1,
  });
  console.log(JSON.stringify(ledger.expected, null, 2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
