import {
  columnOf,
  type Emit,
  numberText,
  type QueryProgress,
  type StreamSink,
  stringAt,
  type Text,
  verbatim,
} from "taller/author";
import { clockTime } from "../aggregations/show.ts";
import type { Accounts } from "./accounts.ts";
import { HOT, splitByProblem } from "./score.ts";

/** How the stream stands: what the dashboard shows, counted in input rows. */
export interface Standing {
  produced: number;
  read: number;
  processed: number;
  late: number;
  duplicates: number;
  deadLetters: number;
  hot: number;
  /** The newest event of the last batch that had any; undefined before the first. */
  newestMs: number | undefined;
  /** The last batch of each query. */
  scores: QueryProgress | undefined;
  windows: QueryProgress | undefined;
}

/** Goes on from what an earlier run has stored. */
export function standingOf({ read, processed, late, duplicates, deadLetters, hot }: Accounts): Standing {
  return {
    ...{ produced: 0, read, processed, late, duplicates, deadLetters, hot },
    newestMs: undefined,
    scores: undefined,
    windows: undefined,
  };
}

/** The metrics of the console: the fourth place where each batch goes. */
export function metricsSink(standing: Standing): StreamSink {
  return {
    description: "Console[metrics]",
    modes: ["append"],
    write: async ({ table, counts }) => {
      const { valid, invalid } = splitByProblem(table);
      standing.read += counts?.read ?? 0;
      standing.late += counts?.late ?? 0;
      standing.duplicates += counts?.duplicates ?? 0;
      standing.deadLetters += (counts?.deadLetters ?? 0) + invalid.rowCount;
      standing.processed += valid.rowCount;
      const { column } = columnOf(valid, "category");
      for (let row = 0; row < valid.rowCount; row++) if (stringAt(column, row) === HOT) standing.hot++;
    },
  };
}

/**
 * Three lines that stay in their place: rates and how much is read; the newest event's time, the watermark, the windows
 * that are open and the ids that are remembered; where the rows went.
 */
export function showStanding(emit: Emit, standing: Standing): void {
  const { scores, windows } = standing;
  if (scores === undefined) return;
  if (scores.eventTime.max !== undefined) standing.newestMs = Date.parse(scores.eventTime.max);
  const newest = standing.newestMs;
  const lag =
    newest === undefined || !scores.watermarkMs
      ? verbatim("")
      : lagText((scores.watermarkMs - newest) / 1000);
  const times = `${clockTime(newest)} · watermark ${clockTime(scores.watermarkMs)}`;
  // A query that has two stateful operators reports both; the windows are the aggregation's state.
  const windowRows =
    windows?.stateOperators.find((one) => one.operatorName === "stateStoreSave")?.numRowsTotal ?? 0;
  const batch = numberText(scores.batchId);
  const input = numberText(Math.round(scores.inputRowsPerSecond));
  const worked = numberText(Math.round(scores.processedRowsPerSecond));
  const took = numberText(scores.batchDuration);
  const read = numberText(standing.read);
  const produced = numberText(standing.produced);
  const open = numberText(windowRows);
  const ids = numberText(scores.stateOperators[0]?.numRowsTotal ?? 0);
  const processed = numberText(standing.processed);
  const hot = numberText(standing.hot);
  const late = numberText(standing.late);
  const duplicates = numberText(standing.duplicates);
  const broken = numberText(standing.deadLetters);
  const lines: Text[] = [
    {
      es: `lote ${batch.es} · entran ${input.es}/s · se procesan ${worked.es}/s · ${took.es} ms · ${read.es} de ${produced.es}`,
      en: `batch ${batch.en} · in ${input.en}/s · processed ${worked.en}/s · ${took.en} ms · ${read.en} of ${produced.en}`,
    },
    {
      es: `evento ${times}${lag.es} · ventanas ${open.es} · ids ${ids.es}`,
      en: `event ${times}${lag.en} · windows ${open.en} · ids ${ids.en}`,
    },
    {
      es: `procesados ${processed.es} (Hot ${hot.es}) · tarde ${late.es} · duplicados ${duplicates.es} · rotos ${broken.es}`,
      en: `processed ${processed.en} (Hot ${hot.en}) · late ${late.en} · duplicates ${duplicates.en} · broken ${broken.en}`,
    },
  ];
  emit({ kind: "status", lines });
}

/** ` (−10.0 s)`: how far the watermark is from the newest event; above 0 all of a batch is older than it. */
function lagText(value: number): Text {
  const { es, en } = numberText(Math.abs(value), { decimals: 1 });
  const sign = value < 0 ? "−" : "+";
  return { es: ` (${sign}${es} s)`, en: ` (${sign}${en} s)` };
}
