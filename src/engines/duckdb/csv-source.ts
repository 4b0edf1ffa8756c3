import { UserError } from "../../core/errors.ts";
import { countRecords, leadingBlankLines } from "../count-records.ts";
import { type CsvSource, quoteName, type RunOptions, type SourceReport } from "../engine.ts";
import type { RecordCount } from "../record-count.ts";
import { loadCsv, type StoredRows } from "./csv-load.ts";
import { CsvScan } from "./csv-scan.ts";
import type { Registered } from "./register-source.ts";
import type { Session } from "./session.ts";
import { type SourceFiles, sourceFiles } from "./source-files.ts";
import { dropView, replaceView } from "./views.ts";

/**
 * Reads CSV files once, whole, with the dialect and schema given; records that can't be parsed go to a view
 * of rejects. Beside it the records are counted apart from DuckDB, which loses rows without a word after
 * some broken quotes (measured, also with `store_rejects`): `records = rows + rejected`, or a UserError.
 *
 * A lazy source is not read here: its view reads the files each time, and `reconcile` proves the count.
 */
export async function registerCsv(
  session: Session,
  name: string,
  source: CsvSource,
  options: RunOptions,
): Promise<Registered> {
  const found = await sourceFiles(source.paths, [".csv", ".csv.gz"]);
  const skip = await leadingBlankLines(found.files);
  const scan = new CsvScan(session, source, { files: found.files, skip });
  const task = { session, name, source, found, options };
  return source.isLazy === true ? registerLazy(task, scan) : registerLoaded(task, scan, skip);
}

interface CsvTask {
  readonly session: Session;
  readonly name: string;
  readonly source: CsvSource;
  readonly found: SourceFiles;
  readonly options: RunOptions;
}

async function registerLoaded(task: CsvTask, firstScan: CsvScan, skip: number): Promise<Registered> {
  const { session, name, source, found } = task;
  let scan = firstScan;
  let { counts, stored } = await countAndLoad(task, scan);
  const longest = Math.max(...counts.map((count) => count.longestRecordBytes));
  if (longest > scan.maxLineBytes) {
    await session.tidy(async (connection) => {
      await scan.dropRejects(connection);
      await stored.release(connection);
    });
    scan = new CsvScan(session, source, { files: found.files, skip, maxLineBytes: longest });
    try {
      stored = await loadCsv(session, scan, found, task.options);
    } catch (error) {
      await session.tidy((connection) => scan.dropRejects(connection));
      throw error;
    }
  }
  const rejects = session.freshName("rejects");
  const release: NonNullable<Registered["release"]> = async (later) => {
    await stored.release(later);
    await later.run(`DROP TABLE IF EXISTS ${quoteName(rejects)}`);
  };
  const rejectsView = rejectsViewOf(name);
  let breaks: string | undefined;
  let rejected: number;
  try {
    rejected = await session.exclusive({ sql: "", options: task.options }, async (connection) => {
      breaks = await scan.writeBreaks(session, connection, counts);
      await connection.run(`CREATE TABLE ${quoteName(rejects)} AS ${scan.rejectsSql(breaks)}`);
      return scan.countRejects(connection);
    });
    checkCounts(found.files, counts, stored.rows, rejected);
    await session.exclusive({ sql: "", options: {} }, async (connection) => {
      await replaceView(connection, name, stored.sql);
      if (rejected > 0) await replaceView(connection, rejectsView, `SELECT * FROM ${quoteName(rejects)}`);
      else await dropView(connection, rejectsView);
    });
  } catch (error) {
    await session.tidy(release);
    throw error;
  } finally {
    await session.tidy(async (connection) => {
      await scan.dropRejects(connection);
      if (breaks !== undefined) await connection.run(`DROP TABLE IF EXISTS ${quoteName(breaks)}`);
    });
  }
  const report: SourceReport = {
    ...baseReport(task),
    rows: stored.rows,
    rejected,
    ...(rejected > 0 ? { rejectsView } : {}),
  };
  return { report, files: [], release };
}

/** Both at once; what the count finds wrong with the file goes before what DuckDB made of it. */
async function countAndLoad(
  task: CsvTask,
  scan: CsvScan,
): Promise<{ counts: RecordCount[]; stored: StoredRows }> {
  const { session, source, found, options } = task;
  const stopLoading = new AbortController();
  const signals = options.signal === undefined ? [] : [options.signal];
  const signal = AbortSignal.any([stopLoading.signal, ...signals]);
  const counting = countRecords(found.files, source, options.signal);
  counting.catch(() => stopLoading.abort());
  const loading = loadCsv(session, scan, found, { ...options, signal });
  const [counted, loaded] = await Promise.allSettled([counting, loading]);
  if (counted.status === "fulfilled" && loaded.status === "fulfilled") {
    return { counts: counted.value, stored: loaded.value };
  }
  await session.tidy(async (connection) => {
    await scan.dropRejects(connection);
    if (loaded.status === "fulfilled") await loaded.value.release(connection);
  });
  throw counted.status === "rejected" ? counted.reason : loaded.status === "rejected" && loaded.reason;
}

async function registerLazy(task: CsvTask, scan: CsvScan): Promise<Registered> {
  const { session, name, source, found, options } = task;
  const stopCounting = new AbortController();
  const signals = options.signal === undefined ? [] : [options.signal];
  const counting = countRecords(found.files, source, AbortSignal.any([stopCounting.signal, ...signals]));
  // Whoever calls `reconcile` gets the error; nobody need call it.
  counting.catch(() => {});
  const rejectsView = rejectsViewOf(name);
  await session.exclusive({ sql: "", options }, async (connection) => {
    await scan.prepare(connection);
    await replaceView(connection, name, `SELECT * FROM ${scan.sql()}`);
    await replaceView(connection, rejectsView, scan.rejectsSql());
  });
  const reconcile = async (rows: number): Promise<{ records: number; rejected: number }> => {
    const counts = await counting;
    return session.exclusive({ sql: "", options: {} }, async (connection) => {
      const rejected = await scan.countRejects(connection);
      checkCounts(found.files, counts, rows, rejected);
      const breaks = await scan.writeBreaks(session, connection, counts);
      if (breaks !== undefined) await replaceView(connection, rejectsView, scan.rejectsSql(breaks));
      return { records: rows + rejected, rejected };
    });
  };
  const report: SourceReport = { ...baseReport(task), rejected: 0, rejectsView, reconcile };
  return {
    report,
    files: found.files,
    release: async () => stopCounting.abort(),
  };
}

function baseReport(task: CsvTask): Pick<SourceReport, "name" | "fields" | "sizeBytes" | "files"> {
  const { name, source, found } = task;
  return { name, fields: source.fields, sizeBytes: found.sizeBytes, files: found.files.length };
}

function rejectsViewOf(name: string): string {
  return `${name}_rejects`;
}

function checkCounts(
  files: readonly string[],
  counts: readonly RecordCount[],
  rows: number,
  rejected: number,
): void {
  const records = counts.reduce((sum, count) => sum + count.records, 0);
  if (records === rows + rejected) return;
  const sum = `${rows} + ${rejected} ≠ ${records}`;
  throw new UserError({
    fault: "data",
    code: "csv-not-reconciled",
    what: {
      es: `El fichero tiene ${records} registros y el lector da ${rows} filas y ${rejected} rechazadas (${sum}): no sigo sin las demás.`,
      en: `The file has ${records} records and the reader gives ${rows} rows and ${rejected} rejects (${sum}): I don't go on without the others.`,
    },
    where: files.join(", "),
    next: [
      {
        es: "mira si el separador y las comillas del dialecto son los del fichero",
        en: "check that the delimiter and the quote of the dialect are the file's",
      },
    ],
  });
}
