import type { DuckDBConnection } from "@duckdb/node-api";
import { type CsvSource, quoteName, quoteText } from "../engine.ts";
import type { RecordCount } from "../record-count.ts";
import { askValue, toNumber } from "./rows.ts";
import type { Session } from "./session.ts";
import { escapeGlob } from "./source-files.ts";
import { sqlTypeOf } from "./types.ts";

/** DuckDB's own limit is 2 MB; a longer record would be a reject. */
const MAX_LINE_BYTES = 16 * 1024 ** 2;

/** One way of reading CSV files with DuckDB, and the tables in which it keeps the rows that it refused. */
export class CsvScan {
  readonly #source: CsvSource;
  readonly #files: readonly string[];
  readonly #rejects: string;
  readonly #scans: string;
  readonly #skip: number;
  /** A longer record is refused. */
  readonly maxLineBytes: number;

  constructor(
    session: Session,
    source: CsvSource,
    options: {
      readonly files: readonly string[];
      readonly skip: number;
      readonly maxLineBytes?: number | undefined;
    },
  ) {
    this.#source = source;
    this.#files = options.files;
    this.#skip = options.skip;
    this.maxLineBytes = Math.max(MAX_LINE_BYTES, options.maxLineBytes ?? 0);
    this.#rejects = session.freshName("rejects");
    this.#scans = session.freshName("scans");
  }

  /** The table function that reads, and notes what it refuses, each time that it runs. */
  sql(): string {
    const { dialect, fields } = this.#source;
    const columns = fields.map((field) => `${quoteText(field.name)}: ${quoteText(sqlTypeOf(field.type))}`);
    const nulls = new Set(["", ...(dialect.nullTexts ?? [])]);
    const settings = [
      `[${this.#files.map((path) => quoteText(escapeGlob(path))).join(", ")}]`,
      "auto_detect = false",
      `columns = {${columns.join(", ")}}`,
      `delim = ${quoteText(dialect.delimiter)}`,
      `quote = ${quoteText(dialect.quote)}`,
      `escape = ${quoteText(dialect.quote === "" ? "" : dialect.escape)}`,
      `header = ${dialect.hasHeader}`,
      `skip = ${this.#skip}`,
      `nullstr = [${[...nulls].map(quoteText).join(", ")}]`,
      "allow_quoted_nulls = false",
      `decimal_separator = ${quoteText(dialect.decimalSeparator ?? ".")}`,
      `max_line_size = ${this.maxLineBytes}`,
      `buffer_size = ${2 * this.maxLineBytes}`,
      "hive_partitioning = false",
      "store_rejects = true",
      "rejects_limit = 0",
      `rejects_table = ${quoteText(this.#rejects)}`,
      `rejects_scan = ${quoteText(this.#scans)}`,
    ];
    return `read_csv(${settings.join(", ")})`;
  }

  /** Makes the tables of rejects, empty: DuckDB makes them when a scan runs. */
  async prepare(connection: DuckDBConnection): Promise<void> {
    await connection.run(`SELECT * FROM ${this.sql()} LIMIT 1`);
    await connection.run(`DELETE FROM ${quoteName(this.#rejects)}`);
  }

  /** Records refused by the last scan: a row of the table of rejects is a bad column, so records are counted. */
  async countRejects(connection: DuckDBConnection): Promise<number> {
    return toNumber(await askValue(connection, `SELECT count(*) FROM (${this.rejectsSql()})`));
  }

  /**
   * file, line, reason, column, text of each record that the last scan refused; the first of its bad columns.
   * `breaks` is the table of {@link writeBreaks}, with which lines are physical ones.
   */
  rejectsSql(breaks?: string | undefined): string {
    const line = breaks === undefined ? "e.line" : "e.line + coalesce(b.inner_breaks, 0)";
    const join =
      breaks === undefined
        ? ""
        : `ASOF LEFT JOIN ${quoteName(breaks)} AS b ON b.file = s.file_path AND b.line < e.line`;
    return `
      SELECT file, line, arg_min(reason, column_idx) AS reason, arg_min("column", column_idx) AS "column",
        any_value(text) AS text
      FROM (
        SELECT s.file_path AS file, ${line} AS line, e.column_idx AS column_idx, trim(e.csv_line, chr(10) || chr(13)) AS text,
          lower(replace(CAST(e.error_type AS VARCHAR), ' ', '-')) AS reason, e.column_name AS "column"
        FROM (SELECT * FROM ${quoteName(this.#rejects)}
          WHERE scan_id = (SELECT max(scan_id) FROM ${quoteName(this.#rejects)})) AS e
        JOIN ${quoteName(this.#scans)} AS s ON s.scan_id = e.scan_id AND s.file_id = e.file_id
        ${join}
      ) GROUP BY file, line ORDER BY file, line`;
  }

  /** A table of the line ends inside quotes, for {@link rejectsSql}; undefined when there are none. */
  async writeBreaks(
    session: Session,
    connection: DuckDBConnection,
    counts: readonly RecordCount[],
  ): Promise<string | undefined> {
    if (counts.every((count) => count.innerBreaks.lines.length === 0)) return undefined;
    const name = session.freshName("breaks");
    await connection.run(`CREATE TABLE ${quoteName(name)} (file VARCHAR, line BIGINT, inner_breaks BIGINT)`);
    const appender = await connection.createAppender(name);
    counts.forEach(({ innerBreaks }, index) => {
      innerBreaks.lines.forEach((line, i) => {
        appender.appendVarchar(this.#files[index] ?? "");
        appender.appendBigInt(BigInt(line));
        appender.appendBigInt(BigInt(innerBreaks.inner[i] ?? 0));
        appender.endRow();
      });
    });
    appender.closeSync();
    return name;
  }

  async dropRejects(connection: DuckDBConnection): Promise<void> {
    await connection.run(`DROP TABLE IF EXISTS ${quoteName(this.#rejects)}`);
    await connection.run(`DROP TABLE IF EXISTS ${quoteName(this.#scans)}`);
  }
}
