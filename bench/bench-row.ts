/** One measured figure beside its peer, from one run. The rows of `--json` have this form (docs/json.md). */
export interface BenchRow {
  readonly bench: string;
  readonly case: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: string | null;
  /** null where the peer could not run here. */
  readonly peerValue: number | null;
  /** ours ÷ peer. */
  readonly ratio: number | null;
  /** In words: `≤ 1.15`. */
  readonly aim: string | null;
  /** null where there is no aim, or its peer could not run. */
  readonly met: boolean | null;
}

export interface BenchOptions {
  /** Flags of the bench's own: `--rows 200000`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Where files of the bench may lie; removed at the end. */
  readonly folder: string;
  /** What is going on, for stderr. */
  readonly say: (line: string) => void;
}

export interface Bench {
  run(options: BenchOptions): Promise<BenchRow[]>;
}

/** A row with its ratio, judged by an aim on the ratio (`ours ÷ peer`) or on our own value. */
export function benchRow(input: {
  readonly bench: string;
  readonly case: string;
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: string;
  readonly peerValue?: number | null;
  readonly aim?: { readonly on: "ratio" | "value"; readonly atMost?: number; readonly atLeast?: number };
}): BenchRow {
  const peerValue = input.peerValue ?? null;
  const ratio = peerValue === null || peerValue === 0 ? null : input.ours / peerValue;
  const judged = input.aim?.on === "value" ? input.ours : ratio;
  const { atMost, atLeast } = input.aim ?? {};
  const met =
    input.aim === undefined || judged === null
      ? null
      : (atMost === undefined || judged <= atMost) && (atLeast === undefined || judged >= atLeast);
  const words = [
    atMost === undefined ? "" : `≤ ${atMost}`,
    atLeast === undefined ? "" : `≥ ${atLeast}`,
  ].filter((word) => word !== "");
  const on = input.aim?.on === "value" ? ` ${input.unit}` : "×";
  return {
    bench: input.bench,
    case: input.case,
    metric: input.metric,
    unit: input.unit,
    ours: input.ours,
    peer: input.peer ?? null,
    peerValue,
    ratio,
    aim: words.length === 0 ? null : `${words.join(", ")}${on}`,
    met,
  };
}

/** The middle value; of an even number the mean of the two middle ones. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** As a Markdown table: what docs/benchmarks.md holds. */
export function renderRows(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) =>
    [
      row.case,
      row.metric,
      `${round(row.ours)} ${row.unit}`,
      row.peer ?? "–",
      row.peerValue === null ? "–" : `${round(row.peerValue)} ${row.unit}`,
      row.ratio === null ? "–" : `${round(row.ratio)}×`,
      row.aim ?? "–",
      row.met === null ? "–" : row.met ? "met" : "missed",
    ].join(" | "),
  );
  return ["case | metric | ours | peer | peer's | ours ÷ peer | aim | ", "--|--|--|--|--|--|--|--", ...lines]
    .map((line) => `| ${line} |`)
    .join("\n");
}

function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 4;
  return value.toFixed(digits);
}
