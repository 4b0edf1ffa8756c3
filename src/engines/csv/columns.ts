import type { Text } from "../../core/text.ts";
import { ColumnProfile } from "./column-profile.ts";
import { decideTypes } from "./column-type.ts";
import type { CsvColumn, FileDialect } from "./inspection.ts";
import { safeNames } from "./names.ts";
import type { SampleRecord } from "./sample-records.ts";
import { type CsvSchema, schemaError } from "./schema-file.ts";

export function declaredColumns(headers: readonly string[], schema: CsvSchema, path: string): CsvColumn[] {
  const byPosition = new Map(schema.columns.map((column) => [column.position, column]));
  const names = safeNames(
    headers.map((header, index) => byPosition.get(index + 1)?.name ?? `unused_${header}`),
  );
  return headers.map((source, index): CsvColumn => {
    const column = byPosition.get(index + 1);
    const name = names[index] ?? "";
    const base = { name, source, position: index + 1, notes: [] };
    if (column === undefined) return { ...base, type: { kind: "string" }, isSelected: false };
    if (schema.header && column.source !== undefined && column.source !== source) {
      throw schemaError(path, {
        es: `La columna ${index + 1} se llama «${source}» en el fichero y «${column.source}» en el esquema.`,
        en: `Column ${index + 1} is called "${source}" in the file and "${column.source}" in the schema.`,
      });
    }
    return { ...base, type: column.type, format: column.format, nulls: column.nulls, isSelected: true };
  });
}

export function inferColumns(
  headers: readonly string[],
  rows: readonly SampleRecord[],
  dialect: FileDialect,
): CsvColumn[] {
  const profiles = headers.map(() => new ColumnProfile());
  for (const row of rows) {
    profiles.forEach((profile, index) => {
      const cell = Buffer.from(row.cells[index] ?? "");
      if (!profile.isClosed) profile.add(cell, 0, cell.length, row.line);
    });
  }
  const types = decideTypes(profiles, dialect.delimiter);
  const names = safeNames(headers);
  return headers.map((source, index): CsvColumn => {
    const { type, format, nulls, notes } = types[index] ?? { type: { kind: "string" }, notes: [] };
    return {
      name: names[index] ?? "",
      source,
      position: index + 1,
      type,
      format,
      nulls,
      notes,
      isSelected: true,
    };
  });
}

export function nameNotes(columns: readonly CsvColumn[]): Text[] {
  const renamed = columns.filter((column) => column.source !== "" && column.source !== column.name);
  const [first] = renamed;
  if (first === undefined) return [];
  const was = first.source.length > 40 ? `${first.source.slice(0, 40)}…` : first.source;
  return [
    {
      es: `${renamed.length} nombre(s) cambian para poder usarlos en SQL; el primero: «${was}» → ${first.name}.`,
      en: `${renamed.length} name(s) change so that SQL can use them; the first: "${was}" → ${first.name}.`,
    },
  ];
}
