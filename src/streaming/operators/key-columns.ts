import type { Column, Table } from "../../core/table.ts";
import { type Attribute, findAttribute } from "../attribute.ts";
import { columnNamed, numbersOf } from "../evaluate.ts";
import type { RowWriter } from "../state/row-bytes.ts";
import { type Codes, codesOf, combineCodes } from "./codes.ts";

/** The columns that hold an attribute's values: two for a window. */
export function columnsOfAttribute(table: Table, attribute: Attribute): Column[] {
  return attribute.type.kind === "window"
    ? [columnNamed(table, `${attribute.name}.start`), columnNamed(table, `${attribute.name}.end`)]
    : [columnNamed(table, attribute.name)];
}

/** The columns of several attributes, in order. */
export function columnsOfAttributes(table: Table, attributes: readonly Attribute[]): Column[] {
  return attributes.flatMap((attribute) => columnsOfAttribute(table, attribute));
}

/** One code per distinct combination of some columns; one for all rows when there are none. */
export function codesOfColumns(columns: readonly Column[], rows: number): Codes {
  return columns.reduce<Codes>((codes, column) => combineCodes(codes, codesOf(column, rows)), {
    codes: new Int32Array(rows),
    count: 1,
  });
}

/** Appends a row's values of some columns. */
export function writeColumns(writer: RowWriter, columns: readonly Column[], row: number): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i];
    if (column !== undefined) writer.write(column, row);
  }
}

/** Microseconds of times by row, and which rows have one. */
export interface Times {
  readonly values: Float64Array;
  readonly validity: Uint8Array | undefined;
}

/** The time that decides when a column is late or over: its value, or a window's end. */
export function deadlinesOf(table: Table, attribute: Attribute): Times {
  const name = attribute.type.kind === "window" ? `${attribute.name}.end` : attribute.name;
  const column = columnNamed(table, name);
  return { values: numbersOf(column), validity: column.validity };
}

/** The time by which a column is put into windows: its value, or for a window its last instant, end − 1 µs. */
export function instantsOf(table: Table, attributes: readonly Attribute[], name: string): Times {
  const attribute = findAttribute(attributes, name);
  const isWindow = attribute?.type.kind === "window";
  const column = columnNamed(table, isWindow ? `${attribute?.name}.end` : name);
  const values = numbersOf(column);
  return { values: isWindow ? values.map((end) => end - 1) : values, validity: column.validity };
}
