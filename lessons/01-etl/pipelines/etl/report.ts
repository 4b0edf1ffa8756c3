import {
  cellOf,
  columnOf,
  fieldsOf,
  type ParquetReport,
  type PipelineReport,
  readLedger,
  type Table,
  tableFromRows,
} from "taller/author";
import { type Counts, done, type EtlContext, type EtlRun, queries, rounded } from "./run.ts";

/** Counts what came in and what went where, and shows it with the files that were written. */
export async function showReport(context: EtlContext, run: EtlRun): Promise<void> {
  const reasons = await run.engine.query(queries(run).reasons, run.quiet);
  run.counts = await count(run, reasons);
  showCounts(context, run.counts);
  if (run.counts.rejected > 0) showReasons(context, run, reasons);
  await compareWithLedger(context, run, run.counts);
  showFiles(context, run);
}

/** What the footers say of the table that was written. */
export async function showColumns(context: EtlContext, run: EtlRun): Promise<void> {
  const { columns } = await run.engine.describeParquet(run.tablePath, run.quiet);
  context.emit({
    kind: "table",
    title: { es: "Lo que ocupa cada columna", en: "What each column takes" },
    table: columnTable(columns),
    label: "measured",
  });
}

/** The result for programs. A dry run has counted nothing. */
export function reportOf(run: EtlRun): PipelineReport {
  const { counts, input, written } = run;
  if (counts === undefined || written === undefined) return { rows: {}, dryRun: run.options.dryRun };
  const { rejectedByReason, ...rows } = counts;
  return {
    rows,
    rejectedByReason,
    table: run.tablePath,
    rejects: run.rejectsPath,
    inputBytes: input?.sizeBytes ?? 0,
    tableBytes: written.sizeBytes,
    files: written.files.length,
    codec: run.options.codec,
  };
}

async function count(run: EtlRun, reasons: Table): Promise<Counts> {
  const written = done(run.written, "write");
  const rejected = done(run.rejected, "write").rows;
  const structural = await number(run, "SELECT count(*) AS n FROM structural");
  const duplicates = await number(run, queries(run).duplicates);
  return {
    // Of the file itself, counted apart from the engine that read it, where that was done.
    read: run.input?.records ?? run.counted?.records ?? done(run.checked, "quarantine").rows + structural,
    valid: written.rows,
    rejected,
    duplicates,
    rejectedByReason: Object.fromEntries(pairs(reasons)),
  };
}

function showCounts(context: EtlContext, counts: Counts): void {
  const { read, valid, rejected, duplicates } = counts;
  const missing = read - valid - rejected - duplicates;
  context.emit({
    kind: "table",
    title: {
      es: missing === 0 ? "leídas = válidas + rechazadas + duplicadas: cuadra" : "No cuadra",
      en: missing === 0 ? "read = valid + rejected + duplicates: it reconciles" : "It does not reconcile",
    },
    table: tableFromRows(
      fieldsOf({
        read: { kind: "int64" },
        valid: { kind: "int64" },
        rejected: { kind: "int64" },
        duplicates: { kind: "int64" },
      }),
      [{ read, valid, rejected, duplicates }],
    ),
    label: "measured",
  });
  if (missing === 0) return;
  context.emit({
    kind: "warning",
    text: { es: `Faltan ${missing} filas por explicar.`, en: `${missing} rows are not accounted for.` },
  });
}

function showReasons(context: EtlContext, run: EtlRun, reasons: Table): void {
  context.emit({
    kind: "table",
    title: {
      es: `Rechazadas, por motivo → ${run.rejectsPath}`,
      en: `Rejected, by reason → ${run.rejectsPath}`,
    },
    table: reasons,
    label: "measured",
  });
}

/** The generator knows what it planted: an independent count. */
async function compareWithLedger(context: EtlContext, run: EtlRun, counts: Counts): Promise<void> {
  const path = run.input?.ledgerPath;
  if (path === undefined) return;
  const { expected } = await readLedger(path);
  const names = ["read", "valid", "rejected", "duplicates"] as const;
  const wrong = names.filter((name) => expected[name] !== counts[name]);
  if (wrong.length === 0) {
    context.emit({
      kind: "note",
      text: {
        es: "El registro del generador, que sabe qué defectos puso, dice lo mismo.",
        en: "The generator's ledger, which knows the defects that it planted, says the same.",
      },
    });
    return;
  }
  const said = wrong.map((name) => `${name}: ${counts[name]} ≠ ${expected[name]}`).join(", ");
  context.emit({
    kind: "warning",
    text: {
      es: `El registro del generador dice otra cosa: ${said}`,
      en: `The generator's ledger says otherwise: ${said}`,
    },
  });
}

function showFiles(context: EtlContext, run: EtlRun): void {
  const folders = new Map<string, { files: number; rows: number; bytes: number }>();
  for (const { partition, rows, sizeBytes } of done(run.written, "write").files) {
    const folder = folders.get(partition) ?? { files: 0, rows: 0, bytes: 0 };
    folders.set(partition, {
      files: folder.files + 1,
      rows: folder.rows + rows,
      bytes: folder.bytes + sizeBytes,
    });
  }
  const rows = [...folders]
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([partition, { files, rows, bytes }]) => ({
      partition: partition === "" ? "—" : partition,
      files,
      rows,
      megabytes: rounded(bytes / 1e6, 2),
    }));
  context.emit({
    kind: "table",
    title: { es: `Ficheros → ${run.tablePath}`, en: `Files → ${run.tablePath}` },
    table: tableFromRows(
      fieldsOf({
        partition: { kind: "string" },
        files: { kind: "int32" },
        rows: { kind: "int64" },
        megabytes: { kind: "float64" },
      }),
      rows.slice(0, 20),
    ),
    label: "measured",
  });
}

function columnTable(columns: ParquetReport["columns"]): Table {
  const total = columns.reduce((sum, one) => sum + one.compressedBytes, 0);
  const rows = [...columns]
    .sort((a, b) => b.compressedBytes - a.compressedBytes)
    .map(({ name, encodings, compressedBytes, uncompressedBytes }) => ({
      column: name,
      encodings,
      megabytes: rounded(compressedBytes / 1e6, 3),
      share: rounded(total === 0 ? 0 : compressedBytes / total, 3),
      codec_saves: rounded(uncompressedBytes === 0 ? 0 : 1 - compressedBytes / uncompressedBytes, 3),
    }));
  return tableFromRows(
    fieldsOf({
      column: { kind: "string" },
      encodings: { kind: "string" },
      megabytes: { kind: "float64" },
      share: { kind: "float64" },
      codec_saves: { kind: "float64" },
    }),
    rows,
  );
}

async function number(run: EtlRun, sql: string): Promise<number> {
  const table = await run.engine.query(sql, run.quiet);
  const [field] = table.fields;
  const [column] = table.columns;
  return field === undefined || column === undefined || table.rowCount === 0
    ? 0
    : Number(cellOf(field, column, 0));
}

function pairs(reasons: Table): [string, number][] {
  const reason = columnOf(reasons, "reason");
  const rows = columnOf(reasons, "row_count");
  return Array.from({ length: reasons.rowCount }, (_, row): [string, number] => [
    String(cellOf(reason.field, reason.column, row)),
    Number(cellOf(rows.field, rows.column, row)),
  ]);
}
