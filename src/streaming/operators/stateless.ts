import { type Column, columnOf, type Field, isNull, stringAt, type Table } from "../../core/table.ts";
import { concatTables, takeRows } from "../../core/table-build.ts";
import { fieldsOfAttributes } from "../attribute.ts";
import { columnNamed, columnOfExpression, numbersOf, selectionOf } from "../evaluate.ts";
import { attributesOf, type PlanOf } from "../plan.ts";
import { RowWriter } from "../state/row-bytes.ts";
import { hashBytes, NumberColumn, StateSlots } from "../state/slots.ts";
import { writeColumns } from "./key-columns.ts";

/** The rows for which the condition is true. */
export function filterRows(plan: PlanOf<"filter">, table: Table): Table {
  const selection = selectionOf(plan.where, table);
  let count = 0;
  for (const one of selection) count += one;
  if (count === table.rowCount) return table;
  const rows = new Uint32Array(count);
  for (let row = 0, i = 0; row < selection.length; row++) if (selection[row] === 1) rows[i++] = row;
  return takeRows(table, rows);
}

/** The columns that a projection gives; a column that is only renamed is shared. */
export function projectColumns(plan: PlanOf<"project">, table: Table): Table {
  const attributes = attributesOf(plan);
  const columns = plan.columns.flatMap(({ expression }, i): Column[] => {
    const type = attributes[i]?.type;
    if (type === undefined) return [];
    if (type.kind === "window") {
      if (expression.kind !== "column") return [];
      return [columnNamed(table, `${expression.name}.start`), columnNamed(table, `${expression.name}.end`)];
    }
    return [columnOfExpression(expression, table, type)];
  });
  return { fields: fieldsOfAttributes(attributes), columns, rowCount: table.rowCount };
}

/** All rows of the inputs, under the first one's names. */
export function uniteRows(plan: PlanOf<"union">, tables: readonly Table[]): Table {
  const fields = fieldsOfAttributes(attributesOf(plan));
  const renamed = tables.filter((table) => table.rowCount > 0).map((table) => ({ ...table, fields }));
  const [first] = tables;
  if (renamed.length === 0 && first !== undefined) return { ...first, fields };
  return concatTables(renamed, fields);
}

/** Rows in the order of some columns: nulls first ascending, last descending, as in Spark. */
export function sortRows(plan: PlanOf<"sort">, table: Table): Table {
  const keys = plan.by.map(({ column: name, isDescending }) => {
    const { column } = columnOf(table, name);
    const numbers = column.kind === "string" || column.kind === "dictionary" ? undefined : numbersOf(column);
    return (a: number, b: number): number => {
      const sign = isDescending ? -1 : 1;
      const aNull = isNull(column, a);
      const bNull = isNull(column, b);
      if (aNull || bNull) return aNull === bNull ? 0 : aNull ? -sign : sign;
      if (numbers !== undefined) return ((numbers[a] ?? 0) - (numbers[b] ?? 0)) * sign;
      const left = stringAt(column, a) ?? "";
      const right = stringAt(column, b) ?? "";
      return (left < right ? -1 : left > right ? 1 : 0) * sign;
    };
  });
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  rows.sort((a, b) => keys.reduce((order, key) => (order !== 0 ? order : key(a, b)), 0) || a - b);
  return takeRows(table, rows);
}

/** A table that rows of a stream are looked up in; null keys match nothing. */
export class StaticJoin {
  private readonly plan: PlanOf<"join-static">;
  private readonly rowNumbers = new NumberColumn();
  private readonly index: StateSlots;
  private readonly writer = new RowWriter();
  private readonly fields: readonly Field[];

  constructor(plan: PlanOf<"join-static">) {
    this.plan = plan;
    this.index = new StateSlots({ isMulti: true, columns: [this.rowNumbers] });
    this.fields = fieldsOfAttributes(attributesOf(plan));
    const keys = plan.on.map((on) => columnNamed(plan.table, on.right));
    for (let row = plan.table.rowCount - 1; row >= 0; row--) {
      if (keys.some((key) => isNull(key, row))) continue;
      this.writer.clear();
      writeColumns(this.writer, keys, row);
      const { bytes, length } = this.writer;
      const slot = this.index.insert(bytes, length, length, hashBytes(bytes, 0, length));
      this.rowNumbers.values[slot] = row;
    }
    this.index.clearChanges();
  }

  run(table: Table): Table {
    const keys = this.plan.on.map((on) => columnNamed(table, on.left));
    const rows: number[] = [];
    const matches: number[] = [];
    for (let row = 0; row < table.rowCount; row++) {
      let slot = -1;
      if (!keys.some((key) => isNull(key, row))) {
        this.writer.clear();
        writeColumns(this.writer, keys, row);
        const { bytes, length } = this.writer;
        slot = this.index.find(bytes, length, hashBytes(bytes, 0, length));
      }
      if (slot < 0 && this.plan.type === "left") {
        rows.push(row);
        matches.push(-1);
      }
      for (; slot >= 0; slot = this.index.nextOf(slot)) {
        rows.push(row);
        matches.push(this.rowNumbers.values[slot] ?? 0);
      }
    }
    const isSame = rows.length === table.rowCount && rows.every((row, i) => row === i);
    const input = isSame ? table : takeRows(table, rows);
    const added = this.plan.adds.map((name) => lookedUp(columnNamed(this.plan.table, name), matches));
    return { fields: this.fields, columns: [...input.columns, ...added], rowCount: rows.length };
  }
}

/** A column's values at these rows; −1 is null. */
function lookedUp(column: Column, rows: readonly number[]): Column {
  const one: Table = {
    fields: [{ name: "c", type: { kind: "string" }, nullable: true }],
    columns: [column],
    rowCount: 0,
  };
  const [taken] = takeRows(
    one,
    Uint32Array.from(rows, (row) => Math.max(0, row)),
  ).columns;
  if (taken === undefined) return column;
  if (!rows.includes(-1)) return taken;
  const validity = Uint8Array.from(rows, (row, i) => (row < 0 ? 0 : (taken.validity?.[i] ?? 1)));
  return { ...taken, validity };
}
