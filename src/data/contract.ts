import { type Column, cellOf, fieldIndex, formatType, isNull, stringAt, type Table } from "../core/table.ts";
import { columnFromCells } from "../core/table-build.ts";
import type { Text } from "../core/text.ts";
import type { CardField, TableContract } from "./dataset.ts";

/** One thing in which a table is not what its contract says. */
export interface ContractBreak {
  readonly column: string;
  readonly kind: "missing" | "extra" | "type" | "null" | "value" | "range" | "key";
  /** The first row, from 0; absent where no row is to blame. */
  readonly row?: number | undefined;
  readonly text: Text;
}

/**
 * In what a table breaks its contract: columns, types, nulls, values, bounds, the key; the first row of each kind and
 * column. Empty when it keeps it. Of a table in parts, keys are compared within a part only.
 */
export function contractBreaks(contract: TableContract, table: Table): readonly ContractBreak[] {
  const known = new Set(contract.fields.map(({ name }) => name.toLowerCase()));
  const extra = table.fields.filter(({ name }) => !known.has(name.toLowerCase()));
  return [
    ...contract.fields.flatMap((field) => columnBreaks(field, table)),
    ...extra.map(({ name }) => broken(name, "extra", { es: "sobra", en: "is one too many" })),
    ...keyBreaks(contract.key, table),
  ];
}

type RowTest = (row: number) => boolean;

function columnBreaks(field: CardField, table: Table): readonly ContractBreak[] {
  const index = fieldIndex(table, field.name);
  const actual = index === undefined ? undefined : table.fields[index];
  const column = index === undefined ? undefined : table.columns[index];
  if (actual === undefined || column === undefined)
    return [broken(field.name, "missing", { es: "falta", en: "is missing" })];
  const wanted = formatType(field.type);
  const found = formatType(actual.type);
  if (wanted !== found)
    return [
      broken(field.name, "type", { es: `es ${found}, no ${wanted}`, en: `is ${found}, not ${wanted}` }),
    ];

  const tests: readonly (readonly [ContractBreak["kind"], RowTest])[] = [
    ["null", (row) => !field.nullable && isNull(column, row)],
    ["value", valueTest(field, column)],
    ["range", rangeTest(field, column)],
  ];
  return tests.flatMap(([kind, isWrong]) => {
    const row = firstRow(table.rowCount, isWrong);
    if (row === undefined) return [];
    const value = String(cellOf(actual, column, row) ?? "NULL");
    return [broken(field.name, kind, { es: `no puede valer ${value}`, en: `must not be ${value}` }, row)];
  });
}

function valueTest(field: CardField, column: Column): RowTest {
  if (field.values === undefined) return () => false;
  const allowed = new Set(field.values);
  return (row) => !isNull(column, row) && !allowed.has(stringAt(column, row) ?? "");
}

/** Bounds are compared in the column's own integers (days, microseconds, scaled decimals). */
function rangeTest(field: CardField, column: Column): RowTest {
  if (column.kind === "string" || column.kind === "dictionary") return () => false;
  const bounds = columnFromCells({ ...field, nullable: true }, [field.min ?? null, field.max ?? null]);
  if (bounds.kind !== column.kind) return () => false;
  const [min, max] = bounds.values;
  const hasMin = field.min !== undefined && min !== undefined;
  const hasMax = field.max !== undefined && max !== undefined;
  const { values } = column;
  return (row) => {
    const value = values[row];
    if (value === undefined || isNull(column, row)) return false;
    return (hasMin && value < min) || (hasMax && value > max);
  };
}

function keyBreaks(key: readonly string[], table: Table): readonly ContractBreak[] {
  const parts = key.flatMap((name) => {
    const index = fieldIndex(table, name);
    const field = index === undefined ? undefined : table.fields[index];
    const column = index === undefined ? undefined : table.columns[index];
    return field === undefined || column === undefined ? [] : [{ field, column }];
  });
  if (key.length === 0 || parts.length < key.length) return [];
  const seen = new Set<string>();
  const row = firstRow(table.rowCount, (at) => {
    const value = JSON.stringify(parts.map(({ field, column }) => String(cellOf(field, column, at))));
    if (seen.has(value)) return true;
    seen.add(value);
    return false;
  });
  if (row === undefined) return [];
  const text = { es: "la clave se repite", en: "the key is there twice" };
  return [broken(key.join(", "), "key", text, row)];
}

function firstRow(rowCount: number, isWrong: RowTest): number | undefined {
  for (let row = 0; row < rowCount; row++) if (isWrong(row)) return row;
  return undefined;
}

function broken(column: string, kind: ContractBreak["kind"], says: Text, row?: number): ContractBreak {
  const where = (word: string) => (row === undefined ? "" : ` (${word} ${row + 1})`);
  return {
    column,
    kind,
    row,
    text: { es: `${column} ${says.es}${where("fila")}`, en: `${column} ${says.en}${where("row")}` },
  };
}
