/** How a lead's probability is called, in batch, in the API and on the stream: the only place that says so. */
export const CATEGORIES = ["Hot", "Warm", "Cold"] as const;
export type Category = (typeof CATEGORIES)[number];

/** The least probability of each category; a bound belongs to the category above it. */
export const HOT_FROM = 0.7;
export const WARM_FROM = 0.4;

/** Hot from 0.7 on, Warm from 0.4 on, else Cold. Throws a RangeError for what is no probability. */
export function categoryOf(probability: number): Category {
  if (!(probability >= 0 && probability <= 1)) throw new RangeError(`${probability} is no probability`);
  if (probability >= HOT_FROM) return "Hot";
  return probability >= WARM_FROM ? "Warm" : "Cold";
}
