import {
  type Column,
  type Emit,
  type Field,
  fieldsOf,
  numberText,
  type QueryProgress,
  type Table,
  tableFromRows,
} from "taller/author";

/** A batch's result, with what it was computed with: the console sink of the lesson. */
export function showBatch(emit: Emit, progress: QueryProgress, result: Table): void {
  if (result.rowCount === 0) return;
  const batch = numberText(progress.batchId);
  const read = numberText(progress.numInputRows);
  const late = numberText(progress.lateRows);
  const watermark = clockTime(progress.watermarkMs);
  emit({
    kind: "table",
    title: {
      es: `Lote ${batch.es} · watermark ${watermark} · leídas ${read.es}, tarde ${late.es}`,
      en: `Batch ${batch.en} · watermark ${watermark} · read ${read.en}, late ${late.en}`,
    },
    table: withClockTimes(result),
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

/** Times of day instead of whole timestamps: a window fits on the screen. */
export function withClockTimes(table: Table): Table {
  const shown = table.fields.map((field, i): [Field, Column | undefined] => {
    const column = table.columns[i];
    if (column?.kind !== "timestamp") return [field, column];
    const values = Array.from(column.values, (micros) => clockTime(Number(micros / 1000n)));
    return [
      { ...field, type: { kind: "string" } },
      { kind: "string", values, validity: column.validity },
    ];
  });
  return {
    fields: shown.map(([field]) => field),
    columns: shown.flatMap(([, column]) => (column === undefined ? [] : [column])),
    rowCount: table.rowCount,
  };
}

/** `10:00:05`; a dash where there is none yet. */
export function clockTime(ms: number | undefined): string {
  return ms === undefined || ms === 0 ? "—" : new Date(ms).toISOString().slice(11, 19);
}
