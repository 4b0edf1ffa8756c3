/**
 * The true model behind the label: a logistic curve over a score of the typed values, nulls included,
 * so that what it knows is what the clean table shows and its AUC is the best that can be reached.
 * Only + − × ÷ and √: the same bits on every Node version.
 */

/** What the model looks at; −1 is null, categories are positions in their vocabulary. */
export interface Scored {
  readonly source: number;
  readonly country: number;
  readonly industry: number;
  readonly employees: number;
  readonly budgetCents: number;
  readonly visits: number;
  readonly minutesTenths: number;
  readonly emailsOpened: number;
  readonly daysSinceContact: number;
}

const STEPS_PER_UNIT = 64;
const MAX_SCORE = 8;

/** The scores are rounded to a grid of this many bins, each with one probability. */
export const SCORE_BINS = 2 * MAX_SCORE * STEPS_PER_UNIT + 1;

/** The bin whose probability is the share of positives that every lead of the variant `noise` has. */
export const NOISE_BIN = (MAX_SCORE - 2) * STEPS_PER_UNIT;

/** The probability of each bin. `e^(1/64)` is a constant; its powers are products, never `Math.exp`. */
export const PROBABILITIES: Float64Array = probabilities();

/** `label = uniform < threshold` with a uniform 32-bit integer. */
export const LABEL_THRESHOLDS: Float64Array = PROBABILITIES.map((p) => Math.floor(p * 4294967296));

const SOURCE = [0, 0.95, -0.6, 0.4];
const COUNTRY = [0.2, 0, -0.1, 0, 0.1, -0.15];
const INDUSTRY = [-0.25, 0.55, 0.1, -0.35, 0.3, -0.1];
const REFERRAL = 1;
const ADS = 2;

/** The bin of a lead's score, 0 to SCORE_BINS − 1. */
export function scoreBin(lead: Scored): number {
  let score = -4.75 + (SOURCE[lead.source] ?? 0);
  if (lead.country >= 0) score += COUNTRY[lead.country] ?? 0;
  if (lead.industry >= 0) score += INDUSTRY[lead.industry] ?? 0;
  score += sizeEffect(lead.employees) + contactEffect(lead.daysSinceContact);
  score += 0.3 * Math.sqrt(lead.visits) + 0.4 * Math.sqrt(lead.emailsOpened);
  if (lead.minutesTenths >= 0) score += 0.05 * Math.sqrt(lead.minutesTenths);
  if (lead.budgetCents >= 0) score += 0.0006 * Math.sqrt(lead.budgetCents);
  // Two interactions that a sum of single effects can't express: trees can beat a straight line.
  if (lead.source === REFERRAL && lead.budgetCents >= 1_000_000) score += 0.7;
  if (lead.source === ADS && lead.visits >= 12) score -= 0.9;
  const bin = Math.floor(score * STEPS_PER_UNIT + 0.5) + MAX_SCORE * STEPS_PER_UNIT;
  return bin < 0 ? 0 : bin >= SCORE_BINS ? SCORE_BINS - 1 : bin;
}

/** Companies of middle size convert best. */
function sizeEffect(employees: number): number {
  if (employees < 0) return 0;
  if (employees < 10) return -0.6;
  if (employees < 50) return 0.2;
  if (employees < 250) return 0.75;
  return employees < 1000 ? 0.25 : -0.5;
}

/** A recent contact helps, an old one does not; never contacted (null) is worse than the average. */
function contactEffect(days: number): number {
  if (days < 0) return -0.45;
  return days < 60 ? 0.9 - 0.025 * days : -0.6;
}

/**
 * The AUC that the true probabilities reach on average, over the draws of the labels:
 * Σᵢⱼ pᵢ (1 − pⱼ) [pᵢ > pⱼ, ½ when equal] ÷ (Σ pᵢ · Σ (1 − pᵢ)). No scorer does better on average.
 * @param counts rows per bin of the score. Null when there is no row.
 */
export function bestAuc(counts: ArrayLike<number>): number | null {
  let positives = 0;
  let negatives = 0;
  let ordered = 0;
  for (let bin = 0; bin < SCORE_BINS; bin++) {
    const rows = counts[bin] ?? 0;
    const p = PROBABILITIES[bin] ?? 0;
    ordered += rows * p * (negatives + 0.5 * rows * (1 - p));
    positives += rows * p;
    negatives += rows * (1 - p);
  }
  return positives * negatives === 0 ? null : ordered / (positives * negatives);
}

/**
 * The AUC of one small-integer column against the known labels, ties counted half.
 * @param counts rows with label 0 and label 1 per value. Null when one label is missing.
 */
export function columnAuc(counts: {
  readonly negative: ArrayLike<number>;
  readonly positive: ArrayLike<number>;
}): number | null {
  let positives = 0;
  let negatives = 0;
  let ordered = 0;
  for (let value = 0; value < counts.negative.length; value++) {
    const ones = counts.positive[value] ?? 0;
    const zeros = counts.negative[value] ?? 0;
    ordered += ones * (negatives + 0.5 * zeros);
    positives += ones;
    negatives += zeros;
  }
  return positives * negatives === 0 ? null : ordered / (positives * negatives);
}

function probabilities(): Float64Array {
  const step = 1.0157477085866857;
  const table = new Float64Array(SCORE_BINS);
  const middle = MAX_SCORE * STEPS_PER_UNIT;
  let odds = 1;
  for (let distance = 0; distance <= middle; distance++) {
    table[middle + distance] = odds / (1 + odds);
    table[middle - distance] = 1 / (1 + odds);
    odds *= step;
  }
  return table;
}
