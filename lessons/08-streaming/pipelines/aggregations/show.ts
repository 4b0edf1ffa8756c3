import { type Emit, fieldsOf, type QueryProgress, type Table, tableFromRows } from "taller/author";

/** A batch's result, with what it was computed with: the console sink of the lesson. */
export function showBatch(emit: Emit, progress: QueryProgress, result: Table): void {
  if (result.rowCount === 0) return;
  const { batchId, numInputRows, lateRows } = progress;
  const watermark = clockTime(progress.watermarkMs);
  emit({
    kind: "table",
    title: {
      es: `Lote ${batchId} · watermark ${watermark} · leídas ${numInputRows}, tarde ${lateRows}`,
      en: `Batch ${batchId} · watermark ${watermark} · read ${numInputRows}, late ${lateRows}`,
    },
    table: result,
    label: "measured",
  });
}

/** All batches, a row each: how the watermark follows the events, and what the state holds. */
export function showBatches(emit: Emit, reports: readonly QueryProgress[]): void {
  const rows = reports.map((progress) => ({
    batch: progress.batchId,
    read: progress.numInputRows,
    max_event_time: clockTime(
      progress.eventTime.max === undefined ? undefined : Date.parse(progress.eventTime.max),
    ),
    watermark: clockTime(progress.watermarkMs),
    late: progress.lateRows,
    state_rows: progress.stateOperators.reduce((sum, one) => sum + one.numRowsTotal, 0),
    output_rows: progress.sink.numOutputRows,
  }));
  emit({
    kind: "table",
    title: { es: "Lote a lote", en: "Batch by batch" },
    table: tableFromRows(
      fieldsOf({
        batch: { kind: "int32" },
        read: { kind: "int32" },
        max_event_time: { kind: "string" },
        watermark: { kind: "string" },
        late: { kind: "int32" },
        state_rows: { kind: "int32" },
        output_rows: { kind: "int32" },
      }),
      rows,
    ),
    label: "measured",
  });
}

/** `10:00:05`; a dash where there is none yet. */
export function clockTime(ms: number | undefined): string {
  return ms === undefined || ms === 0 ? "—" : new Date(ms).toISOString().slice(11, 19);
}
