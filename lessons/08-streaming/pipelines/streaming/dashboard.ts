import { columnOf, type Emit, type QueryProgress, type StreamSink, stringAt, type Text } from "taller/author";
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
  /** The last batch of each query. */
  scores: QueryProgress | undefined;
  windows: QueryProgress | undefined;
}

/** Goes on from what an earlier run has stored. */
export function standingOf({ read, processed, late, duplicates, deadLetters, hot }: Accounts): Standing {
  return {
    ...{ produced: 0, read, processed, late, duplicates, deadLetters, hot },
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
  const input = Math.round(scores.inputRowsPerSecond);
  const worked = Math.round(scores.processedRowsPerSecond);
  const newest = scores.eventTime.max === undefined ? undefined : Date.parse(scores.eventTime.max);
  const lag =
    newest === undefined || !scores.watermarkMs ? "" : ` (${seconds((scores.watermarkMs - newest) / 1000)})`;
  // A query that has two stateful operators reports both; the windows are the aggregation's state.
  const open =
    windows?.stateOperators.find((one) => one.operatorName === "stateStoreSave")?.numRowsTotal ?? 0;
  const remembered = scores.stateOperators[0]?.numRowsTotal ?? 0;
  const { processed, hot, late, duplicates, deadLetters, read, produced } = standing;
  const lines: Text[] = [
    {
      es: `lote ${scores.batchId} · entran ${input}/s · se procesan ${worked}/s · ${scores.batchDuration} ms · ${read} de ${produced}`,
      en: `batch ${scores.batchId} · in ${input}/s · processed ${worked}/s · ${scores.batchDuration} ms · ${read} of ${produced}`,
    },
    {
      es: `evento ${clockTime(newest)} · watermark ${clockTime(scores.watermarkMs)}${lag} · ventanas ${open} · ids ${remembered}`,
      en: `event ${clockTime(newest)} · watermark ${clockTime(scores.watermarkMs)}${lag} · windows ${open} · ids ${remembered}`,
    },
    {
      es: `procesados ${processed} (Hot ${hot}) · tarde ${late} · duplicados ${duplicates} · rotos ${deadLetters}`,
      en: `processed ${processed} (Hot ${hot}) · late ${late} · duplicates ${duplicates} · broken ${deadLetters}`,
    },
  ];
  emit({ kind: "status", lines });
}

/** `−10.0 s`: how far the watermark is from the newest event; above 0 all of a batch is older than it. */
function seconds(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} s`;
}
