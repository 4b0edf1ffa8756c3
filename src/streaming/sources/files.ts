import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, UserError } from "../../core/errors.ts";
import { cellOf, type Field, type Table } from "../../core/table.ts";
import { concatTables, emptyTable } from "../../core/table-build.ts";
import { type CsvDialect, type Engine, quoteName } from "../../engines/engine.ts";
import { JsonColumns, type JsonField } from "../json/json-columns.ts";
import { DeadLetters } from "./dead-letters.ts";
import { type SeenFile, SeenFiles } from "./seen-files.ts";
import type { SourceRows, StreamSource } from "./source.ts";

export interface FilesSourceOptions {
  /** A folder; files that appear in it (not below it) are read once each. Names that begin with `.` or `_` are skipped. */
  readonly path: string;
  /** The columns: a stream never guesses them. */
  readonly schema: readonly JsonField[];
  readonly format:
    | { readonly kind: "json" }
    | { readonly kind: "parquet"; readonly engine: Engine }
    | { readonly kind: "csv"; readonly engine: Engine; readonly dialect: CsvDialect };
  /** At most so many files a batch, the oldest first. Default: all there are. */
  readonly maxFilesPerTrigger?: number | undefined;
}

/** The number of a source among all of this process: its views in the engine have names of their own. */
let sources = 0;

/**
 * Files of a folder, each read once, oldest first. A file must come whole: written beside and renamed into place.
 * Offsets are `{"logOffset":N}`, the number of an entry in the log of seen files. [FileStreamSource.scala]
 */
export function filesSource(options: FilesSourceOptions): StreamSource {
  const fields = options.schema.map(({ name, type }): Field => ({ name, type, nullable: true }));
  const view = `taller_stream_files_${sources++}`;
  let log: SeenFiles | undefined;
  let known: ReadonlySet<string> | undefined;
  let seen = new Set<string>();
  const logOf = (): SeenFiles => {
    if (log === undefined) throw new RangeError("the source is not open");
    return log;
  };
  return {
    description: `FileStreamSource[${options.path}]`,
    attributes: fields.map(({ name, type }) => ({ name, type })),
    isReplayable: true,
    async open({ folder }) {
      log = await SeenFiles.open(folder);
      seen = new Set(log.files.map((file) => file.path));
      known = undefined;
    },
    async prepareForAvailableNow() {
      known = new Set((await filesIn(options.path)).map((file) => file.path));
    },
    async latestOffset(_start, isUnlimited) {
      const there = await filesIn(options.path);
      const fresh = there.filter((file) => !seen.has(file.path) && (known?.has(file.path) ?? true));
      const limit = isUnlimited ? undefined : options.maxFilesPerTrigger;
      const taken = limit === undefined ? fresh : fresh.slice(0, limit);
      if (taken.length > 0) {
        await logOf().add(taken);
        for (const file of taken) seen.add(file.path);
      }
      const { latestId } = logOf();
      return latestId < 0 ? undefined : offsetOf(latestId);
    },
    async read(start, end) {
      const from = start === undefined ? -1 : idOf(start);
      const to = idOf(end);
      const files = logOf().files.filter((file) => file.batchId > from && file.batchId <= to);
      if (files.length === 0) return { table: emptyTable(fields) };
      return options.format.kind === "json"
        ? readJson(options, files)
        : readByEngine(options.format, { view, fields, files });
    },
  };
}

async function filesIn(folder: string): Promise<{ path: string; timestamp: number }[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new UserError({
      fault: "usage",
      code: "stream-folder-missing",
      what: { es: "La carpeta de la fuente no existe.", en: "The source's folder does not exist." },
      where: folder,
      cause: error,
    });
  }
  const files: { path: string; timestamp: number }[] = [];
  for (const name of names.filter((one) => !/^[._]/.test(one))) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile()) files.push({ path, timestamp: info.mtimeMs });
  }
  return files.sort((a, b) => a.timestamp - b.timestamp || (a.path < b.path ? -1 : 1));
}

/** One JSON object a line; empty lines are no messages. A bad line's offset is its number, from 1. */
async function readJson(options: FilesSourceOptions, files: readonly SeenFile[]): Promise<SourceRows> {
  const tables: Table[] = [];
  const letters = new DeadLetters();
  for (const { path } of files) {
    const bytes = await readFile(path);
    const lines: { from: number; to: number; line: number }[] = [];
    for (let from = 0, line = 1; from < bytes.length; line++) {
      const newline = bytes.indexOf(0x0a, from);
      const next = newline < 0 ? bytes.length : newline;
      const to = bytes[next - 1] === 0x0d ? next - 1 : next;
      if (to > from) lines.push({ from, to, line });
      from = next + 1;
    }
    const reader = new JsonColumns(options.schema, lines.length);
    for (const { from, to } of lines) reader.add(bytes, from, to);
    const { table, bad } = reader.finish();
    tables.push(table);
    for (const { message, reason } of bad) {
      const place = lines[message];
      if (place === undefined) continue;
      letters.add({ source: path, offset: place.line, reason, bytes: bytes.subarray(place.from, place.to) });
    }
  }
  return { table: concatTables(tables), deadLetters: letters.table() };
}

async function readByEngine(
  format: Exclude<FilesSourceOptions["format"], { readonly kind: "json" }>,
  input: { readonly view: string; readonly fields: readonly Field[]; readonly files: readonly SeenFile[] },
): Promise<SourceRows> {
  const { view, fields } = input;
  const paths = input.files.map((file) => file.path);
  const { engine } = format;
  const report = await engine.register(
    view,
    format.kind === "parquet"
      ? { kind: "parquet", paths }
      : { kind: "csv", paths, dialect: format.dialect, fields },
  );
  const columns = fields.map((field) => quoteName(field.name)).join(", ");
  const table = await engine.query(`SELECT ${columns} FROM ${quoteName(view)}`);
  if (report.rejectsView === undefined) return { table };
  const rejects = await engine.query(`SELECT file, line, reason, text FROM ${quoteName(report.rejectsView)}`);
  const letters = new DeadLetters();
  for (let row = 0; row < rejects.rowCount; row++) {
    const [file, line, reason, text] = rejects.columns.map((column, i) =>
      cellText(rejects.fields[i], column, row),
    );
    letters.add({
      source: file ?? "",
      offset: Number(line ?? 0),
      reason: reason ?? "",
      bytes: Buffer.from(text ?? ""),
    });
  }
  return { table, deadLetters: letters.table() };
}

function cellText(
  field: Field | undefined,
  column: Table["columns"][number],
  row: number,
): string | undefined {
  const cell = field === undefined ? null : cellOf(field, column, row);
  return cell === null ? undefined : String(cell);
}

function offsetOf(id: number): string {
  return JSON.stringify({ logOffset: id });
}

function idOf(offset: string): number {
  const match = /^\{"logOffset":(\d+)\}$/.exec(offset);
  if (match === null) throw new RangeError(`"${offset}" is no offset of a folder`);
  return Number(match[1]);
}
