import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { LeadsOptions } from "./batch.ts";
import { LEADS_VERSION, VARIANTS } from "./columns.ts";
import { DEFECTS, DIRT, REASONS } from "./defects.ts";
import { bestAuc, columnAuc } from "./model.ts";
import { NULLABLE, SUMS, type Totals } from "./totals.ts";

const rows = z.number().int().min(0);
const auc = z.number().min(0).max(1).nullable();

/** `<file>.ledger.json`: what was planted in a file of leads, and what a correct cleaning must find. */
export const ledgerSchema = z.strictObject({
  dataset: z.literal("leads"),
  version: rows.describe("Raised when the same seed gives other bytes."),
  seed: rows,
  rows: rows.describe("Records in the file, header aside; torn rows and duplicates count."),
  variant: z.enum(VARIANTS),
  sizeBytes: rows,
  sha256: z.string().describe("Of the CSV."),
  defectsSha256: z.string().describe("Of the file that lists every planted defect by line."),
  planted: z.record(z.string(), rows).describe("Rows per defect; a row with two counts in both."),
  dirt: z.record(z.string(), rows).describe("Rows per kind of harmless dirt, torn rows aside."),
  expected: z.strictObject({
    read: rows,
    valid: rows.describe("Rows of the clean table: the newest valid one of each lead."),
    rejected: rows,
    duplicates: rows.describe("Valid rows that a newer or equal one of the same lead replaces."),
    rejectedByReason: z
      .record(z.string(), rows)
      .describe("A row with two reasons counts in both: the sum may pass `rejected`."),
    nulls: z.record(z.string(), rows).describe("Nulls per column of the clean table."),
    sums: z.record(z.string(), rows).describe("Sums over the clean table, in the unit of the name."),
    converted: z.strictObject({ true: rows, false: rows, null: rows }),
  }),
  bestAuc: auc.describe(
    "The best that can be expected on the clean rows with a label, without a leaked column.",
  ),
  trueModelAuc: auc.describe(
    "The AUC of the true probabilities on the labels that were drawn: bestAuc, give or take their luck.",
  ),
  leakAuc: auc.optional().describe("Variant leaky: the AUC of onboarding_calls alone on the clean rows."),
});

export type Ledger = z.infer<typeof ledgerSchema>;

/** The ledger of a file from what was counted while it was written. */
export function ledgerOf(
  options: LeadsOptions,
  totals: Totals,
  files: { readonly sizeBytes: number; readonly sha256: string; readonly defectsSha256: string },
): Ledger {
  const { rejected, duplicates, clean } = totals;
  const [negatives = 0, positives = 0] = totals.labels;
  return {
    dataset: "leads",
    version: LEADS_VERSION,
    seed: options.seed,
    rows: options.rows,
    variant: options.variant,
    ...files,
    planted: named(
      DEFECTS.map((defect) => defect.id),
      totals.planted,
    ),
    dirt: named(DIRT, totals.dirt),
    expected: {
      read: totals.read,
      valid: clean,
      rejected,
      duplicates,
      rejectedByReason: named(REASONS, totals.reasons),
      nulls: named(NULLABLE, totals.nulls),
      sums: named(SUMS, totals.sums),
      converted: { true: positives, false: negatives, null: clean - positives - negatives },
    },
    bestAuc: rounded(bestAuc(totals.bins)),
    trueModelAuc: rounded(
      columnAuc({
        negative: totals.bins.map((labelled, bin) => labelled - (totals.positiveBins[bin] ?? 0)),
        positive: totals.positiveBins,
      }),
    ),
    ...(options.variant === "leaky"
      ? { leakAuc: rounded(columnAuc({ negative: totals.calls[0], positive: totals.calls[1] })) }
      : {}),
  };
}

function named(names: readonly string[], counts: Float64Array): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i] ?? 0]));
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/** Reads a ledger from the path that `materialise` gave; throws an Error that names the file when it is none. */
export async function readLedger(path: string): Promise<Ledger> {
  const parsed = ledgerSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
