import { mlError } from "../ml-error.ts";

/** Throws unless labels (0 or 1) and scores (any number but NaN) are of one length. */
export function requireScores(labels: ArrayLike<number>, scores: ArrayLike<number>): void {
  if (labels.length !== scores.length)
    throw new RangeError(`${labels.length} labels for ${scores.length} scores`);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label !== 0 && label !== 1) throw new RangeError(`label ${label} in row ${i}: it must be 0 or 1`);
    if (Number.isNaN(scores[i])) {
      throw mlError("score-nan", {
        es: `La puntuación de la fila ${i} no es un número.`,
        en: `The score of row ${i} is not a number.`,
      });
    }
  }
}

/** As {@link requireScores}, and every score in [0, 1]. */
export function requireProbabilities(labels: ArrayLike<number>, scores: ArrayLike<number>): void {
  requireScores(labels, scores);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (score < 0 || score > 1)
      throw new RangeError(`probability ${score} in row ${i}: it must be in [0, 1]`);
  }
}

/** Positions of the rows by falling score. */
export function byFallingScore(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}
