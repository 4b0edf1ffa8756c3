import { mkdir, readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { systemCode, UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { MaterialiseOptions } from "../dataset.ts";
import { LEADS_VERSION, VARIANTS, type Variant } from "./columns.ts";
import { type Ledger, ledgerSchema } from "./ledger.ts";
import { sweepLeftovers } from "./sweep.ts";
import { defectsPathOf, ledgerPathOf, writeLeads } from "./write-leads.ts";

export const MAX_ROWS = 100_000_000;
/** Measured: 104 bytes a row, and 3 of its defects; with some room. */
const ROW_BYTES = 112;

export interface MaterialisedLeads {
  readonly paths: readonly string[];
  readonly ledgerPath: string;
  readonly sizeBytes: number;
}

/**
 * A file of leads with its ledger and defects in the folder: the one that is there, if its ledger says the same
 * version, seed, rows and variant, or a new one. Throws UserError for options out of range and too little
 * disk, CancelledError; then nothing is left.
 */
export async function materialiseLeads(
  options: MaterialiseOptions & { readonly rows: number; readonly seed: number },
): Promise<MaterialisedLeads> {
  const { rows, seed, folder, emit } = options;
  const variant = VARIANTS.find((name) => name === options.variant) ?? "plain";
  refuseOutOfRange(rows, seed);
  const path = join(folder, fileName({ rows, seed, variant }));
  const there = await readMatching(path, { rows, seed, variant });
  if (there !== undefined) return filesOf(path, there);

  await mkdir(folder, { recursive: true });
  await sweepLeftovers(folder, "leads-");
  await refuseFullDisk(folder, rows * ROW_BYTES);
  const task = { es: `genero leads (semilla ${seed})`, en: `generating leads (seed ${seed})` };
  const ledger = await writeLeads({
    rows,
    seed,
    variant,
    path,
    threads: options.threads ?? Math.min(4, availableParallelism()),
    signal: options.signal,
    onRows: (done) => emit?.({ kind: "progress", task, done, total: rows, unit: "rows" }),
  });
  return filesOf(path, ledger);
}

function fileName(what: { rows: number; seed: number; variant: Variant }): string {
  return `leads-${what.variant}-r${what.rows}-s${what.seed}-v${LEADS_VERSION}.csv`;
}

function filesOf(path: string, ledger: Ledger): MaterialisedLeads {
  return { paths: [path], ledgerPath: ledgerPathOf(path), sizeBytes: ledger.sizeBytes };
}

/** The ledger of a complete file of exactly these options; undefined when there is none. */
async function readMatching(
  path: string,
  wanted: { rows: number; seed: number; variant: Variant },
): Promise<Ledger | undefined> {
  try {
    const parsed = ledgerSchema.safeParse(JSON.parse(await readFile(ledgerPathOf(path), "utf8")));
    if (!parsed.success) return undefined;
    const ledger = parsed.data;
    const isSame =
      ledger.version === LEADS_VERSION &&
      ledger.rows === wanted.rows &&
      ledger.seed === wanted.seed &&
      ledger.variant === wanted.variant;
    await stat(defectsPathOf(path));
    return isSame && (await stat(path)).size === ledger.sizeBytes ? ledger : undefined;
  } catch (error) {
    // A ledger that is no JSON is no ledger: the file is made again.
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function refuseOutOfRange(rows: number, seed: number): void {
  if (Number.isSafeInteger(rows) && rows >= 0 && rows <= MAX_ROWS && Number.isSafeInteger(seed) && seed >= 0)
    return;
  throw new UserError({
    fault: "usage",
    code: "leads-out-of-range",
    what: {
      es: `No puedo generar ${rows} filas con la semilla ${seed}: las filas van de 0 a 100000000 y la semilla es un entero desde 0.`,
      en: `I can't generate ${rows} rows with seed ${seed}: rows go from 0 to 100000000, the seed is an integer from 0.`,
    },
    next: [verbatim("taller data generate leads --rows 200000 --seed 7")],
  });
}

async function refuseFullDisk(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  const needed = megabytes(neededBytes);
  const free = megabytes(freeBytes);
  throw new UserError({
    fault: "environment",
    code: "disk-too-small",
    what: {
      es: `No cabe: hacen falta ${needed} MB y quedan ${free} MB.`,
      en: `It does not fit: ${needed} MB are needed and ${free} MB are left.`,
    },
    where: folder,
    next: [verbatim("taller data clean")],
  });
}

function megabytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 1e6);
}
