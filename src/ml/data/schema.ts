import { type Column, columnOf, type Field, isNull, stringAt, type Table } from "../../core/table.ts";
import { mlError } from "../ml-error.ts";
import { type Feature, type Matrix, UNSEEN } from "./matrix.ts";

/**
 * Reads the features' names, kinds, units and dictionaries from a training table. Strings become categories (the
 * dictionary sorted by code unit, so that it does not depend on the order of the rows), everything else numbers.
 * Throws a RangeError for a name that the table lacks.
 */
export function fitSchema(table: Table, names: readonly string[]): Feature[] {
  return names.map((asked) => {
    const { field, column } = columnOf(table, asked);
    const { name } = field;
    const unit = field.unit === undefined ? {} : { unit: field.unit };
    if (field.type.kind !== "string") return { name, kind: "number", ...unit };
    return { name, kind: "category", ...unit, dictionary: distinctStrings(column, table.rowCount) };
  });
}

/**
 * The matrix of a table, or of one of its chunks, under a schema: nulls become NaN, values outside of the dictionary
 * {@link UNSEEN}. Booleans are 0 and 1, dates days, timestamps seconds since 1970, decimals their value.
 * Throws `feature-kind` when a column is not of the kind that the schema says.
 */
export function toMatrix(table: Table, schema: readonly Feature[]): Matrix {
  const columns = schema.map((feature) => {
    const { field, column } = columnOf(table, feature.name);
    const isText = field.type.kind === "string";
    if (isText !== (feature.kind === "category")) throw wrongKind(feature, field);
    return feature.kind === "category"
      ? codesOf(column, feature.dictionary ?? [], table.rowCount)
      : numbersOf(field, column, table.rowCount);
  });
  return { features: schema, columns, rowCount: table.rowCount };
}

/** The values of a column as doubles, null as NaN; text is an error. */
export function numbersOf(field: Field, column: Column, rowCount: number): Float64Array {
  const out = new Float64Array(rowCount);
  switch (column.kind) {
    case "boolean":
    case "int32":
    case "float64":
    case "date":
      out.set(column.values.subarray(0, rowCount));
      break;
    case "int64":
      for (let i = 0; i < rowCount; i++) out[i] = Number(column.values[i]);
      break;
    case "decimal": {
      const scale = field.type.kind === "decimal" ? field.type.scale : 0;
      // Division by an exact power of ten rounds once, so 12.50 is the double of the literal 12.5.
      const divisor = Number(10n ** BigInt(scale));
      for (let i = 0; i < rowCount; i++) out[i] = Number(column.values[i]) / divisor;
      break;
    }
    case "timestamp":
      for (let i = 0; i < rowCount; i++) out[i] = Number(column.values[i]) / 1e6;
      break;
    case "string":
    case "dictionary":
      throw mlError("not-a-number", {
        es: `La columna ${field.name} es de texto; aquí hace falta un número.`,
        en: `Column ${field.name} is text; a number is needed here.`,
      });
  }
  if (column.validity !== undefined) {
    for (let i = 0; i < rowCount; i++) if (column.validity[i] === 0) out[i] = Number.NaN;
  }
  return out;
}

function codesOf(column: Column, dictionary: readonly string[], rowCount: number): Float64Array {
  const codes = new Map(dictionary.map((value, code) => [value, code]));
  const out = new Float64Array(rowCount);
  if (column.kind === "dictionary") {
    const mapped = Float64Array.from(column.dictionary, (value) => codes.get(value) ?? UNSEEN);
    for (let i = 0; i < rowCount; i++) out[i] = mapped[column.codes[i] as number] ?? UNSEEN;
  } else if (column.kind === "string") {
    for (let i = 0; i < rowCount; i++) out[i] = codes.get(column.values[i] as string) ?? UNSEEN;
  }
  for (let i = 0; i < rowCount; i++) if (isNull(column, i)) out[i] = Number.NaN;
  return out;
}

function distinctStrings(column: Column, rowCount: number): string[] {
  const seen = new Set<string>();
  for (let i = 0; i < rowCount; i++) {
    const value = isNull(column, i) ? undefined : stringAt(column, i);
    if (value !== undefined) seen.add(value);
  }
  return [...seen].sort((a, b) => (a < b ? -1 : 1));
}

function wrongKind(feature: Feature, field: Field): Error {
  return mlError("feature-kind", {
    es: `La columna ${feature.name} es ${field.type.kind}, pero el modelo espera ${feature.kind === "number" ? "un número" : "texto"}.`,
    en: `Column ${feature.name} is ${field.type.kind}, but the model expects ${feature.kind === "number" ? "a number" : "text"}.`,
  });
}
