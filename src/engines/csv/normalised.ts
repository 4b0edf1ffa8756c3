import { UserError } from "../../core/errors.ts";
import { formatType } from "../../core/table.ts";
import type { Text } from "../../core/text.ts";
import type { CsvSource } from "../engine.ts";
import { decideTypes } from "./column-type.ts";
import type { CsvInspection } from "./inspection.ts";
import type { Intake } from "./intake.ts";
import { type RejectReason, rejectsSource } from "./rejects-writer.ts";
import { typedSelect } from "./typed-select.ts";

export interface NormalisedCsv {
  /** What the engine reads: the file itself when it needed nothing, else `rows.csv` in the folder. */
  readonly path: string;
  readonly isInPlace: boolean;
  /** `records = rows + rejected`; header, lines above it and blank lines are no records. */
  readonly records: number;
  readonly rows: number;
  readonly rejected: number;
  readonly rejectsByReason: Readonly<Partial<Record<RejectReason, number>>>;
  /** A CSV of file, line, reason, column, text; absent when nothing was rejected. */
  readonly rejectsPath?: string | undefined;
  readonly rejectsSource?: CsvSource | undefined;
  readonly blankLines: number;
  readonly longestRecordBytes: number;
  /** For `engine.register`: every column as text. */
  readonly source: CsvSource;
  /** The query that gives the typed rows, from the name under which `source` was registered. */
  readonly typedSelect: (from: string) => string;
  /** With the types that hold for every row. */
  readonly inspection: CsvInspection;
  /** What was found on the way, and why columns have the type that they have. */
  readonly notes: readonly Text[];
}

/** What an intake that has seen the whole file comes to; a UserError when no line of it was a row. */
export function normalisedCsv(intake: Intake): NormalisedCsv {
  const { rows, rejects, checks, profiles } = intake;
  const { path, dialect } = intake.inspection;
  if (intake.rowCount === 0 && rejects.total > 0) throw nothingReadable(intake);
  const inspection = settled(intake);
  const cares = inspection.columns.map(
    (_, index) => profiles[index] ?? checks.find((one) => one.index === index)?.check,
  );
  const rowsPath = rows.isInPlace ? path : rows.path;
  return {
    path: rowsPath,
    isInPlace: rows.isInPlace,
    records: intake.rowCount + rejects.total,
    rows: intake.rowCount,
    rejected: rejects.total,
    rejectsByReason: Object.fromEntries(rejects.counts),
    ...(rejects.total > 0 ? { rejectsPath: rejects.path, rejectsSource: rejectsSource(rejects.path) } : {}),
    blankLines: intake.blankLines,
    longestRecordBytes: intake.longestBytes,
    source: {
      kind: "csv",
      paths: [rowsPath],
      dialect: {
        delimiter: dialect.delimiter,
        quote: dialect.quote,
        escape: dialect.quote,
        hasHeader: dialect.hasHeader,
      },
      maxRecordBytes: intake.longestBytes,
      fields: inspection.columns.map(({ name }) => ({ name, type: { kind: "string" }, nullable: true })),
    },
    typedSelect: (from) => typedSelect(inspection.columns, cares, from),
    inspection,
    notes: [...notesOf(intake), ...columnNotes(inspection)],
  };
}

/** The inspection with the types that every row has. */
function settled({ inspection, profiles }: Intake): CsvInspection {
  if (inspection.typesFrom === "declared") return inspection;
  const types = decideTypes(profiles, inspection.dialect.delimiter);
  const columns = inspection.columns.map((column, index) => {
    const { type, format, nulls, notes } = types[index] ?? { type: { kind: "string" }, notes: [] };
    return { ...column, type, format, nulls, notes };
  });
  return { ...inspection, typesFrom: "whole", columns };
}

function notesOf(intake: Intake): Text[] {
  const { blankLines, foreignRecords, lostCharacters } = intake;
  const { encoding } = intake.inspection;
  const notes: Text[] = [];
  if (blankLines > 0) {
    notes.push({
      es: `${blankLines} línea(s) en blanco, que no cuentan como filas.`,
      en: `${blankLines} blank line(s), which count as no rows.`,
    });
  }
  if (foreignRecords > 0) {
    notes.push({
      es: `${foreignRecords} fila(s) no eran UTF-8 y se han leído como windows-1252.`,
      en: `${foreignRecords} row(s) were not UTF-8 and were read as windows-1252.`,
    });
  }
  if (lostCharacters > 0) {
    notes.push({
      es: `${lostCharacters} carácter(es) no existen en ${encoding}: quedan como \ufffd.`,
      en: `${lostCharacters} character(s) don't exist in ${encoding}: they are now \ufffd.`,
    });
  }
  return notes;
}

/** More than these are in the schema file only. */
const MAX_COLUMN_NOTES = 10;

function columnNotes({ columns }: CsvInspection): Text[] {
  const all = columns.flatMap(({ name, notes }) =>
    notes.map(({ es, en }): Text => ({ es: `${name}: ${es}`, en: `${name}: ${en}` })),
  );
  const more = all.length - MAX_COLUMN_NOTES;
  if (more <= 0) return all;
  return [
    ...all.slice(0, MAX_COLUMN_NOTES),
    { es: `… y ${more} notas más, en el esquema.`, en: `… and ${more} more notes, in the schema.` },
  ];
}

/** Says which columns hold values of another type than the declared one, most of them first. */
function nothingReadable({ inspection, rejects }: Intake): UserError {
  const list = [...rejects.counts].map(([reason, count]) => `${reason} ${count}`).join(", ");
  const wrong = [...rejects.typeCounts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const typeOf = new Map(inspection.columns.map(({ name, type }) => [name, formatType(type)]));
  const lines = (say: (count: number, column: string, type: string) => string) =>
    wrong.map(([column, count]) => `\n${say(count, column, typeOf.get(column) ?? "")}`).join("");
  return new UserError({
    fault: "data",
    code: "csv-no-rows",
    what: {
      es: `Ninguna línea se puede leer como fila (${list}).${lines((count, column, type) => `${column}: ${count} con un valor que no es ${type}`)}`,
      en: `No line can be read as a row (${list}).${lines((count, column, type) => `${column}: ${count} with a value that is not ${type}`)}`,
    },
    where: inspection.path,
    next: [
      {
        es: "corrige delimitador, comillas o tipos en un fichero de esquema y pásalo con --schema",
        en: "correct delimiter, quotes or types in a schema file and pass it with --schema",
      },
    ],
  });
}
