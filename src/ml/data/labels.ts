import { columnOf, isNull, stringAt, type Table } from "../../core/table.ts";
import { mlError } from "../ml-error.ts";
import { numbersOf } from "./schema.ts";

/**
 * 1 where the row is of the positive class, else 0: n labels. Booleans and the numbers 0 and 1 need no `positive`;
 * text needs the value that counts as positive. Throws `label-null` or `label-value`, naming the row.
 */
export function labelsOf(table: Table, name: string, positive?: string): Uint8Array {
  const { field, column } = columnOf(table, name);
  const labels = new Uint8Array(table.rowCount);
  const isText = field.type.kind === "string";
  if (isText && positive === undefined) {
    throw mlError("label-positive", {
      es: `La etiqueta ${name} es texto: di qué valor es el positivo.`,
      en: `The label ${name} is text: name the value that is positive.`,
    });
  }
  const numbers = isText ? undefined : numbersOf(field, column, table.rowCount);
  for (let row = 0; row < table.rowCount; row++) {
    if (isNull(column, row)) throw badLabel("label-null", name, row, "null");
    const value = numbers === undefined ? Number(stringAt(column, row) === positive) : numbers[row];
    if (value !== 0 && value !== 1) throw badLabel("label-value", name, row, String(value));
    labels[row] = value;
  }
  return labels;
}

/** Throws unless there are as many labels as rows, every one 0 or 1; `both`: and each class occurs. */
export function requireLabels(labels: ArrayLike<number>, rowCount: number, both = true): void {
  if (labels.length !== rowCount) throw new RangeError(`${labels.length} labels for ${rowCount} rows`);
  let positives = 0;
  for (let row = 0; row < rowCount; row++) {
    const label = labels[row];
    if (label !== 0 && label !== 1) throw badLabel("label-value", "label", row, String(label));
    positives += label;
  }
  if (!both || (positives > 0 && positives < rowCount)) return;
  throw mlError("one-class", {
    es: `Todas las etiquetas son ${positives === 0 ? 0 : 1}: hacen falta ejemplos de las dos clases.`,
    en: `Every label is ${positives === 0 ? 0 : 1}: examples of both classes are needed.`,
  });
}

function badLabel(code: string, name: string, row: number, value: string): Error {
  return mlError(code, {
    es: `La etiqueta ${name} vale ${value} en la fila ${row}; tiene que ser 0 o 1.`,
    en: `The label ${name} is ${value} in row ${row}; it must be 0 or 1.`,
  });
}
