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

/** Three lines that stay in their place: rates, time, and where the rows went. */
export function showStanding(emit: Emit, standing: Standing): void {
  const { scores, windows } = standing;
  if (scores === undefined) return;
  const input = Math.round(scores.inputRowsPerSecond);
  const worked = Math.round(scores.processedRowsPerSecond);
  const newest = scores.eventTime.max === undefined ? undefined : Date.parse(scores.eventTime.max);
  const behind =
    newest === undefined || scores.watermarkMs === undefined || scores.watermarkMs === 0
      ? "—"
      : `${((newest - scores.watermarkMs) / 1000).toFixed(1)} s`;
  // A query that has two stateful operators reports both; the windows are the aggregation's state.
  const open =
    windows?.stateOperators.find((one) => one.operatorName === "stateStoreSave")?.numRowsTotal ?? 0;
  const remembered = scores.stateOperators[0]?.numRowsTotal ?? 0;
  const { processed, hot, late, duplicates, deadLetters, read, produced } = standing;
  const lines: Text[] = [
    {
      es: `lote ${scores.batchId} · entran ${input}/s, se procesan ${worked}/s, ${scores.batchDuration} ms · leídos ${read} de ${produced}`,
      en: `batch ${scores.batchId} · in ${input}/s, processed ${worked}/s, ${scores.batchDuration} ms · read ${read} of ${produced}`,
    },
    {
      es: `evento ${clockTime(newest)} · watermark ${clockTime(scores.watermarkMs)}, ${behind} detrás · ventanas abiertas ${open} · ids recordados ${remembered}`,
      en: `event ${clockTime(newest)} · watermark ${clockTime(scores.watermarkMs)}, ${behind} behind · open windows ${open} · ids remembered ${remembered}`,
    },
    {
      es: `procesados ${processed} (Hot ${hot}) · tarde ${late} · duplicados ${duplicates} · rotos ${deadLetters}`,
      en: `processed ${processed} (Hot ${hot}) · late ${late} · duplicates ${duplicates} · broken ${deadLetters}`,
    },
  ];
  emit({ kind: "status", lines });
}
