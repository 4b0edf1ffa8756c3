import type { Written } from "./block.ts";
import { DEFECTS, DIRT, DROPPED, REASONS, REJECTED } from "./defects.ts";
import { MAX_CALLS, type Version } from "./draw.ts";
import { SCORE_BINS } from "./model.ts";

/** Columns of the clean table that may be null, as the ledger counts them. */
export const NULLABLE = [
  "country",
  "industry",
  "company_id",
  "employees",
  "budget",
  "minutes_on_site",
  "days_since_contact",
  "converted",
  "notes",
] as const;

/** Sums over the clean table that prove the values, not only the rows. */
export const SUMS = [
  "budget_cents",
  "employees",
  "visits",
  "minutes_tenths",
  "emails_opened",
  "days_since_contact",
] as const;

/** What is counted over the blocks: sums of integers, so that neither order nor threads matter. */
export interface Totals {
  read: number;
  rejected: number;
  duplicates: number;
  clean: number;
  /** Rows per defect, in the order of DEFECTS. */
  readonly planted: Float64Array;
  /** In the order of REASONS; a row with two reasons counts in both. */
  readonly reasons: Float64Array;
  readonly dirt: Float64Array;
  readonly nulls: Float64Array;
  readonly sums: Float64Array;
  /** Clean rows with label 0 and 1. */
  readonly labels: Float64Array;
  /** Clean rows with a label, per bin of the score. */
  readonly bins: Float64Array;
  /** Those of them with label 1. */
  readonly positiveBins: Float64Array;
  /** Clean rows with a label, per label and onboarding calls. */
  readonly calls: readonly [Float64Array, Float64Array];
}

export function emptyTotals(): Totals {
  return {
    read: 0,
    rejected: 0,
    duplicates: 0,
    clean: 0,
    planted: new Float64Array(DEFECTS.length),
    reasons: new Float64Array(REASONS.length),
    dirt: new Float64Array(DIRT.length),
    nulls: new Float64Array(NULLABLE.length),
    sums: new Float64Array(SUMS.length),
    labels: new Float64Array(2),
    bins: new Float64Array(SCORE_BINS),
    positiveBins: new Float64Array(SCORE_BINS),
    calls: [new Float64Array(MAX_CALLS + 1), new Float64Array(MAX_CALLS + 1)],
  };
}

/** Adds a block's rows and the rows of it that stay. */
export function addBlock(
  totals: Totals,
  rows: readonly Written[],
  leads: readonly { readonly kept: Written | undefined }[],
): void {
  // Rows per mask first, bits after: a twelfth of the work.
  const masks = new Int32Array(1 << DIRT.length);
  for (const { defects, dirt } of rows) {
    masks[dirt] = (masks[dirt] ?? 0) + 1;
    if (defects !== 0) addDefects(totals, defects);
  }
  masks.forEach((rowsOfMask, mask) => {
    if (rowsOfMask === 0) return;
    for (let i = 0; i < DIRT.length; i++) if ((mask & (1 << i)) !== 0) count(totals.dirt, i, rowsOfMask);
  });
  totals.read += rows.length;
  for (const { kept } of leads) if (kept !== undefined) addClean(totals, kept.version);
}

/** Adds the totals of other blocks. */
export function addTotals(totals: Totals, other: Totals): void {
  totals.read += other.read;
  totals.rejected += other.rejected;
  totals.duplicates += other.duplicates;
  totals.clean += other.clean;
  for (const key of [
    "planted",
    "reasons",
    "dirt",
    "nulls",
    "sums",
    "labels",
    "bins",
    "positiveBins",
  ] as const)
    addCounts(totals[key], other[key]);
  addCounts(totals.calls[0], other.calls[0]);
  addCounts(totals.calls[1], other.calls[1]);
}

function addCounts(counts: Float64Array, other: Float64Array): void {
  for (let i = 0; i < counts.length; i++) count(counts, i, other[i] ?? 0);
}

function addDefects(totals: Totals, defects: number): void {
  if ((defects & REJECTED) !== 0) totals.rejected++;
  if ((defects & DROPPED) !== 0) totals.duplicates++;
  const reasons = new Set<number>();
  DEFECTS.forEach(({ bit, reason }, i) => {
    if ((defects & bit) === 0) return;
    count(totals.planted, i);
    if (reason !== undefined) reasons.add(REASONS.indexOf(reason));
  });
  for (const i of reasons) count(totals.reasons, i);
}

function addClean(totals: Totals, version: Version): void {
  totals.clean++;
  // In the order of NULLABLE; −1 is null.
  addNull(totals, 0, version.country);
  addNull(totals, 1, version.industry);
  addNull(totals, 2, version.company);
  addNull(totals, 3, version.employees);
  addNull(totals, 4, version.budgetCents);
  addNull(totals, 5, version.minutesTenths);
  addNull(totals, 6, version.daysSinceContact);
  addNull(totals, 7, version.converted);
  addNull(totals, 8, version.note);
  // In the order of SUMS.
  addValue(totals, 0, version.budgetCents);
  addValue(totals, 1, version.employees);
  addValue(totals, 2, version.visits);
  addValue(totals, 3, version.minutesTenths);
  addValue(totals, 4, version.emailsOpened);
  addValue(totals, 5, version.daysSinceContact);
  if (version.converted >= 0) {
    count(totals.labels, version.converted);
    count(totals.bins, version.bin);
    if (version.converted === 1) count(totals.positiveBins, version.bin);
    count(totals.calls[version.converted === 1 ? 1 : 0], version.onboardingCalls);
  }
}

function addNull(totals: Totals, index: number, value: number): void {
  if (value < 0) count(totals.nulls, index);
}

function addValue(totals: Totals, index: number, value: number): void {
  if (value > 0) count(totals.sums, index, value);
}

function count(counts: Float64Array, index: number, by = 1): void {
  counts[index] = (counts[index] ?? 0) + by;
}
