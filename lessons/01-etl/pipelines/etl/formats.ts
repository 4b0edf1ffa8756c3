import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  cellOf,
  columnOf,
  fieldsOf,
  numberText,
  type ParquetCodec,
  quoteName,
  type Row,
  type Text,
  tableFromRows,
} from "taller/author";
import { done, type EtlContext, type EtlRun, rounded, view } from "./run.ts";
import { cutSample } from "./sample.ts";

/** Some 48 thousand leads: little enough to take no time beside the run. */
const SAMPLE_BYTES = 5_000_000;
const CODECS: readonly ParquetCodec[] = ["snappy", "zstd", "gzip"];
/** The fastest of so many reads: the others met something else on the machine. */
const READS = 3;
/** Beyond so many columns a Parquet writer's buffers, one a column and thread, pass the memory of a run (measured). */
const MAX_COLUMNS = 500;

export interface Measured {
  readonly format: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly oneColumnMs: number;
  readonly allMs: number;
}

/**
 * The same rows as CSV and as Parquet with each codec: what they take, and how long it takes to read one
 * column and all of them. Measured on the first rows of the file, and labelled so. The last step: it points
 * `raw` at the sample.
 */
export async function measureFormats(context: EtlContext, run: EtlRun): Promise<readonly Measured[]> {
  const { source } = done(run.input, "read");
  if (source.kind !== "csv") return [];
  const [path] = source.paths;
  if (path === undefined || run.job.columns.length > MAX_COLUMNS) return [];
  const sample = await cutSample({
    path,
    to: join(context.dirs.scratch, "sample.csv"),
    quote: source.dialect.quote,
    maxBytes: SAMPLE_BYTES,
  });
  await run.engine.register("raw", { ...source, paths: [sample], isLazy: true }, run.quiet);
  const names = run.job.columns;
  await view(run, "sampled", `SELECT ${names.map(quoteName).join(", ")} FROM clean`);
  const fields = await run.engine.describe("SELECT * FROM sampled", run.quiet);
  const wide = fields.find(({ type }) => type.kind === "decimal" || type.kind === "float64") ?? fields[0];
  if (wide === undefined) return [];
  const measure = async (format: string, from: string, sizeBytes: number): Promise<Measured> => ({
    format,
    rows,
    sizeBytes,
    oneColumnMs: await readMs(context, run, from, [wide.name]),
    allMs: await readMs(context, run, from, names),
  });
  const rows = await countRows(run);
  const measured = [await measure("CSV", "sampled", (await stat(sample)).size)];
  let from = "sampled";
  for (const codec of CODECS) {
    const to = join(context.dirs.scratch, `sample-${codec}.parquet`);
    const written = await run.engine.writeParquet(
      `SELECT * FROM ${quoteName(from)}`,
      { path: to, singleFile: true, codec },
      run.quiet,
    );
    // The next codec is written from this file: the CSV need not be cleaned again.
    from = `sample_${codec}`;
    await run.engine.register(from, { kind: "parquet", paths: [to] }, run.quiet);
    measured.push(await measure(`Parquet ${codec}`, from, written.sizeBytes));
  }
  show(context, measured, { rows, column: wide.name, isWhole: sample === path });
  return measured;
}

async function countRows(run: EtlRun): Promise<number> {
  const counted = await run.engine.query("SELECT count(*) AS n FROM sampled", run.quiet);
  const { field, column } = columnOf(counted, "n");
  return Number(cellOf(field, column, 0));
}

/** Every value is read and none is printed: `max` needs them all, and the filter keeps it from using statistics. */
async function readMs(
  context: EtlContext,
  run: EtlRun,
  from: string,
  columns: readonly string[],
): Promise<number> {
  const asked = columns.map((name, index) => `max(${quoteName(name)}) AS c${index}`).join(", ");
  const [first = ""] = columns;
  const filter = `coalesce(length(CAST(${quoteName(first)} AS STRING)), 0) >= 0`;
  let best = Number.POSITIVE_INFINITY;
  for (let read = 0; read < READS; read++) {
    const began = context.clock.elapsed();
    await run.engine.query(`SELECT ${asked} FROM ${quoteName(from)} WHERE ${filter}`, run.quiet);
    best = Math.min(best, context.clock.elapsed() - began);
  }
  return best;
}

function show(
  context: EtlContext,
  measured: readonly Measured[],
  sample: { readonly rows: number; readonly column: string; readonly isWhole: boolean },
): void {
  const [csv] = measured;
  if (csv === undefined) return;
  const { rows, column, isWhole } = sample;
  const { es, en } = numberText(rows);
  const what: Text = isWhole
    ? { es: `las ${es} filas`, en: `all ${en} rows` }
    : { es: `una muestra: las primeras ${es} filas`, en: `a sample: the first ${en} rows` };
  context.emit({
    kind: "table",
    title: {
      es: `CSV contra Parquet (${what.es}). one: leer una columna (${column}); all: leerlas todas; x: veces lo que el CSV.`,
      en: `CSV against Parquet (${what.en}). one: reading one column (${column}); all: reading them all; x: times the CSV's.`,
    },
    table: tableFromRows(
      fieldsOf({
        format: { kind: "string" },
        row_bytes: { kind: "float64" },
        size_x: { kind: "float64" },
        one_ms: { kind: "float64" },
        one_x: { kind: "float64" },
        all_ms: { kind: "float64" },
        all_x: { kind: "float64" },
      }),
      measured.map(
        ({ format, sizeBytes, oneColumnMs, allMs }): Row => ({
          format,
          row_bytes: rounded(rows === 0 ? 0 : sizeBytes / rows, 1),
          size_x: rounded(sizeBytes / csv.sizeBytes, 2),
          one_ms: rounded(oneColumnMs, 1),
          one_x: rounded(oneColumnMs / csv.oneColumnMs, 2),
          all_ms: rounded(allMs, 1),
          all_x: rounded(allMs / csv.allMs, 2),
        }),
      ),
    ),
    label: "measured",
  });
  context.emit({
    kind: "chart",
    chart: {
      kind: "bars",
      title: { es: "Bytes por fila", en: "Bytes per row" },
      unit: { es: "bytes", en: "bytes" },
      bars: measured.map(({ format, sizeBytes }) => ({
        label: format,
        value: rounded(rows === 0 ? 0 : sizeBytes / rows, 1),
      })),
    },
    label: "measured",
  });
}
