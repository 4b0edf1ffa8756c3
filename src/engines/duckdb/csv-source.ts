import { type CsvSource, quoteName, quoteText, type RunOptions } from "../engine.ts";
import type { Registered } from "./register-source.ts";
import type { Session } from "./session.ts";
import { sourceFiles } from "./source-files.ts";
import { sqlTypeOf } from "./types.ts";
import { replaceView } from "./views.ts";

/**
 * Reads CSV files once, with the dialect and schema given, into a table that spills to disk. Rows that
 * can't be parsed go to a view of rejects; `records = rows + rejected`, or a UserError says why not.
 *
 * A lazy source is not read here: its view scans the files each time, and the view of rejects fills while a
 * query reads them to the end.
 */
export async function registerCsv(
  session: Session,
  name: string,
  source: CsvSource,
  options: RunOptions,
): Promise<Registered> {
  const { patterns, files, sizeBytes } = await sourceFiles(source.paths, ".csv");
  const names = {
    rows: session.freshName("csv"),
    rejects: session.freshName("rejects"),
    scans: session.freshName("scans"),
  };
  const scan = scanSql(source, patterns, names);
  if (source.isLazy === true) {
    return session.exclusive({ sql: scan, options }, async (connection) => {
      // DuckDB makes the tables of rejects when a scan runs; what this short one finds is not to be counted.
      await connection.run(`SELECT * FROM ${scan} LIMIT 1`);
      await connection.run(`DELETE FROM ${quoteName(names.rejects)}`);
      await replaceView(connection, name, `SELECT * FROM ${scan}`);
      const rejectsView = `${name}_rejects`;
      await replaceView(connection, rejectsView, rejectsSql(names));
      const { fields } = source;
      return {
        report: { name, fields, rejected: 0, sizeBytes, files: files.length, rejectsView },
        files,
      };
    });
  }
  return session.exclusive({ sql: scan, options }, async (connection) => {
    await connection.run(`CREATE TABLE ${quoteName(names.rows)} AS SELECT * FROM ${scan}`);
    await replaceView(connection, name, `SELECT * FROM ${quoteName(names.rows)}`);
    const counted = await connection.run(
      `SELECT (SELECT count(*) FROM ${quoteName(names.rows)}),
         (SELECT count(*) FROM (SELECT DISTINCT scan_id, file_id, line FROM ${quoteName(names.rejects)}))`,
    );
    const [rows, rejected] = (await counted.getRows())[0] ?? [];
    const rejectsView = `${name}_rejects`;
    if (Number(rejected) > 0) await replaceView(connection, rejectsView, rejectsSql(names));
    return {
      report: {
        name,
        fields: source.fields,
        rows: Number(rows),
        rejected: Number(rejected),
        sizeBytes,
        files: files.length,
        ...(Number(rejected) > 0 ? { rejectsView } : {}),
      },
      files: [],
    };
  });
}

interface CsvNames {
  readonly rejects: string;
  readonly scans: string;
}

function scanSql(source: CsvSource, patterns: readonly string[], names: CsvNames): string {
  const { dialect, fields } = source;
  const columns = fields.map((field) => `${quoteText(field.name)}: ${quoteText(sqlTypeOf(field.type))}`);
  const nulls = ["", ...(dialect.nullTexts ?? [])];
  const settings = [
    `[${patterns.map(quoteText).join(", ")}]`,
    "auto_detect = false",
    `columns = {${columns.join(", ")}}`,
    `delim = ${quoteText(dialect.delimiter)}`,
    `quote = ${quoteText(dialect.quote)}`,
    `escape = ${quoteText(dialect.quote === "" ? "" : dialect.escape)}`,
    `header = ${dialect.hasHeader}`,
    `nullstr = [${[...new Set(nulls)].map(quoteText).join(", ")}]`,
    `decimal_separator = ${quoteText(dialect.decimalSeparator ?? ".")}`,
    "allow_quoted_nulls = false",
    "hive_partitioning = false",
    "store_rejects = true",
    "rejects_limit = 0",
    `rejects_table = ${quoteText(names.rejects)}`,
    `rejects_scan = ${quoteText(names.scans)}`,
  ];
  const { maxRecordBytes = 0 } = source;
  if (maxRecordBytes > 1_000_000) {
    // The buffer is sixteen lines unless it is set, and with its line end a record must fit in a line.
    const lineBytes = maxRecordBytes + 1024;
    settings.push(`max_line_size = ${lineBytes}`, `buffer_size = ${Math.max(lineBytes * 2, 32_000_000)}`);
  }
  return `read_csv(${settings.join(", ")})`;
}

/** One row a rejected record: the first of the columns that DuckDB complains about. */
function rejectsSql(names: CsvNames): string {
  return `
    SELECT any_value(s.file_path) AS file, e.line AS line,
      arg_min(lower(replace(CAST(e.error_type AS VARCHAR), ' ', '-')), e.column_idx) AS reason,
      arg_min(e.column_name, e.column_idx) AS "column",
      any_value(e.csv_line) AS text
    FROM ${quoteName(names.rejects)} AS e JOIN ${quoteName(names.scans)} AS s USING (scan_id, file_id)
    WHERE e.scan_id = (SELECT max(scan_id) FROM ${quoteName(names.rejects)})
    GROUP BY e.scan_id, e.file_id, e.line
    ORDER BY file, line`;
}
