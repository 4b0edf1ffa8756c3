import { type BenchRow, benchRow } from "../bench-row.ts";
import { FEATURES } from "./data.ts";
import type { Figures } from "./run-case.ts";

export const CASES = ["boosting-20", "boosting-100", "forest", "logistic", "kmeans"] as const;
export type Case = (typeof CASES)[number];
export const IN_MLLIB: readonly Case[] = ["boosting-20", "forest", "logistic", "kmeans"];
/** Rows from which the aims hold, and our fit time on two threads over the peer's, at most. */
const AIM_ROWS = 1_000_000;
const AIMS: Readonly<Record<Case, { readonly sklearn: number; readonly xgboost?: number }>> = {
  "boosting-20": { sklearn: 1.2 },
  "boosting-100": { sklearn: 1.2, xgboost: 2.5 },
  forest: { sklearn: 0.2 },
  logistic: { sklearn: 1.5 },
  kmeans: { sklearn: 1 },
};
const MLLIB_AIM = 0.2;

interface Compared {
  readonly name: Case;
  readonly size: number;
  readonly one: Figures;
  readonly two: Figures;
  readonly sklearn: Figures | undefined;
  readonly mllib: Figures | undefined;
}

/** Our figures beside scikit-learn's and MLlib's. */
export function compare({ name, size, one, two, sklearn, mllib }: Compared): BenchRow[] {
  const base = { bench: "ml", case: label(name, size), unit: "s" } as const;
  const isJudged = size >= AIM_ROWS;
  const atMost = (value: number) => (isJudged ? { aim: { on: "ratio", atMost: value } as const } : {});
  const fit = { ...base, metric: "fit, 2 threads", ours: two.fit };
  const predict = { ...base, metric: "predict, 1 thread", ours: one.predict };
  const memory = { ...base, metric: "peak memory", unit: "MB", ours: two.megabytes };
  const rows = [
    benchRow({ ...fit, peer: "ours, 1 thread", peerValue: one.fit }),
    benchRow({
      ...fit,
      peer: "scikit-learn",
      peerValue: sklearn?.fit ?? null,
      ...atMost(AIMS[name].sklearn),
    }),
    benchRow({
      ...fit,
      metric: "fit, CPU",
      ours: two.fitCpu ?? Number.NaN,
      peer: "scikit-learn",
      peerValue: sklearn?.fitCpu ?? null,
    }),
    benchRow({ ...predict, peer: "scikit-learn", peerValue: sklearn?.predict ?? null }),
    benchRow({ ...memory, peer: "scikit-learn", peerValue: sklearn?.megabytes ?? null }),
    ...quality(name, size, two, "scikit-learn", sklearn),
  ];
  if (!IN_MLLIB.includes(name)) return rows;
  return [
    ...rows,
    benchRow({ ...fit, peer: "MLlib local[2]", peerValue: mllib?.fit ?? null, ...atMost(MLLIB_AIM) }),
    benchRow({ ...memory, peer: "MLlib local[2]", peerValue: mllib?.megabytes ?? null }),
    ...quality(name, size, two, "MLlib local[2]", mllib),
  ];
}

/** AUC on the test rows, and how far the two are apart; for clusters the squared distance a row. */
function quality(
  name: Case,
  size: number,
  ours: Figures,
  peer: string,
  theirs: Figures | undefined,
): BenchRow[] {
  const base = { bench: "ml", case: label(name, size), peer, peerValue: theirs?.quality ?? null } as const;
  if (name === "kmeans")
    return [benchRow({ ...base, metric: "WSSSE a test row", unit: "", ours: ours.quality })];
  const rows = [benchRow({ ...base, metric: "test AUC", unit: "", ours: ours.quality })];
  if (theirs === undefined) return rows;
  const gap = Math.abs(ours.quality - theirs.quality);
  const aim = size >= AIM_ROWS ? { aim: { on: "value", atMost: 0.001 } as const } : {};
  return [
    ...rows,
    benchRow({
      bench: "ml",
      case: label(name, size),
      metric: `|ΔAUC| to ${peer}`,
      unit: "",
      ours: gap,
      ...aim,
    }),
  ];
}

export function againstXgboost(
  name: Case,
  size: number,
  ours: Figures,
  theirs: Figures | undefined,
): BenchRow[] {
  const aim = AIMS[name].xgboost;
  const judged = aim !== undefined && size >= AIM_ROWS ? { aim: { on: "ratio", atMost: aim } as const } : {};
  const base = { bench: "ml", case: label(name, size), unit: "s", metric: "fit, 2 threads" } as const;
  return [
    benchRow({ ...base, ours: ours.fit, peer: "xgboost hist", peerValue: theirs?.fit ?? null, ...judged }),
    benchRow({
      ...base,
      metric: "fit, CPU",
      ours: ours.fitCpu ?? Number.NaN,
      peer: "xgboost hist",
      peerValue: theirs?.fitCpu ?? null,
    }),
    ...quality(name, size, ours, "xgboost hist", theirs),
  ];
}

/** Seconds a row at the largest size over those at 200,000 rows (the one before it where that is missing). */
export function growth(
  cases: readonly Case[],
  sizes: readonly number[],
  fits: ReadonlyMap<string, number>,
): BenchRow[] {
  const largest = sizes.at(-1);
  const smaller = sizes.includes(200_000) ? 200_000 : sizes.at(-2);
  if (largest === undefined || smaller === undefined || smaller >= largest) return [];
  return cases.map((name) =>
    benchRow({
      bench: "ml",
      case: `${name}, from ${smaller.toLocaleString("en")} to ${largest.toLocaleString("en")} rows`,
      metric: "fit a million rows, 2 threads",
      unit: "s",
      ours: ((fits.get(`${name} ${largest}`) ?? Number.NaN) / largest) * 1e6,
      peer: "ours at the smaller size",
      peerValue: ((fits.get(`${name} ${smaller}`) ?? Number.NaN) / smaller) * 1e6,
      ...(largest >= AIM_ROWS ? { aim: { on: "ratio", atMost: 1.2 } as const } : {}),
    }),
  );
}

function label(name: Case, size: number): string {
  return `${name}, ${size.toLocaleString("en")} × ${FEATURES}`;
}
