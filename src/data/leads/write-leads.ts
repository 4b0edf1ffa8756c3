import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { diskError, renameOver } from "../../core/atomic-file.ts";
import { throwIfCancelled } from "../../core/errors.ts";
import type { Batch, LeadsOptions } from "./batch.ts";
import { batchesOf } from "./batches.ts";
import { columnsOf } from "./columns.ts";
import { DEFECTS } from "./defects.ts";
import { type Ledger, ledgerOf } from "./ledger.ts";
import { addTotals, emptyTotals, type Totals } from "./totals.ts";

const UTF8_BOM = "\uFEFF";

export interface WriteLeadsOptions extends LeadsOptions {
  /** The CSV; ledger and defects are written beside it: see {@link ledgerPathOf}. */
  readonly path: string;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the rows written so far. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

/** `<csv>.ledger.json` */
export function ledgerPathOf(csvPath: string): string {
  return `${csvPath}.ledger.json`;
}

/** `<csv>.defects.csv`: line, lead_id, defect, column and record of each planted defect. */
export function defectsPathOf(csvPath: string): string {
  return `${csvPath}.defects.csv`;
}

/**
 * Writes a CSV of leads with its defects and ledger: beside, then renamed, the ledger last, so that a CSV with a
 * ledger is complete. Throws CancelledError, or UserError for a full disk; then nothing is left.
 */
export async function writeLeads(options: WriteLeadsOptions): Promise<Ledger> {
  const { path } = options;
  await mkdir(dirname(path), { recursive: true });
  const mark = `${process.pid}-${randomBytes(4).toString("hex")}`;
  const beside = (target: string) => join(dirname(target), `.${basename(target)}.${mark}.tmp`);
  const targets = [path, defectsPathOf(path), ledgerPathOf(path)];
  try {
    const ledger = await writeCsv(options, beside(path), beside(defectsPathOf(path)));
    const file = await open(beside(ledgerPathOf(path)), "wx");
    try {
      await file.writeFile(`${JSON.stringify(ledger, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    throwIfCancelled(options.signal);
    for (const target of targets) await renameOver(beside(target), target);
    return ledger;
  } catch (error) {
    for (const target of targets) await rm(beside(target), { force: true });
    throw diskError(error, path);
  }
}

async function writeCsv(options: WriteLeadsOptions, csvPath: string, defectsPath: string): Promise<Ledger> {
  const csv = await openHashed(csvPath);
  try {
    const defects = await openHashed(defectsPath);
    try {
      const totals = await writeBatches(options, csv, defects);
      const sizeBytes = csv.sizeBytes();
      const sha256 = await csv.finish();
      return ledgerOf(options, totals, { sizeBytes, sha256, defectsSha256: await defects.finish() });
    } finally {
      await defects.close();
    }
  } finally {
    await csv.close();
  }
}

async function writeBatches(
  options: WriteLeadsOptions,
  csv: HashedFile,
  defects: HashedFile,
): Promise<Totals> {
  const totals = emptyTotals();
  await csv.write(Buffer.from(`${UTF8_BOM}${columnsOf(options.variant).join(",")}\n`));
  await defects.write(Buffer.from("line,lead_id,defect,column,record\n"));
  // Line 1 is the header.
  let line = 2;
  for await (const batch of batchesOf(options, options.threads)) {
    throwIfCancelled(options.signal);
    await csv.write(batch.bytes.subarray(0, batch.sizeBytes));
    await defects.write(Buffer.from(defectLines(batch, line, totals.read + 1)));
    addTotals(totals, batch.totals);
    line += batch.lines;
    options.onRows?.(totals.read);
  }
  return totals;
}

/** A line per defect and row, in the order of the file. */
function defectLines(batch: Batch, firstLine: number, firstRecord: number): string {
  let text = "";
  for (let i = 0; i < batch.flagged.length; i += 4) {
    const [line = 0, record = 0, lead = 0, bits = 0] = batch.flagged.subarray(i, i + 4);
    for (const { bit, id, column = "" } of DEFECTS)
      if ((bits & bit) !== 0)
        text += `${firstLine + line},${String(lead + 1).padStart(8, "0")},${id},${column},${firstRecord + record}\n`;
  }
  return text;
}

interface HashedFile {
  write(bytes: Uint8Array): Promise<void>;
  sizeBytes(): number;
  /** Makes it durable and gives its SHA-256 in hexadecimal. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

async function openHashed(path: string): Promise<HashedFile> {
  const file = await open(path, "wx");
  const hash = createHash("sha256");
  let sizeBytes = 0;
  return {
    write: async (bytes) => {
      const writing = writeAll(file, bytes);
      hash.update(bytes);
      sizeBytes += bytes.length;
      await writing;
    },
    sizeBytes: () => sizeBytes,
    finish: async () => {
      await file.datasync();
      return hash.digest("hex");
    },
    close: () => file.close(),
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
