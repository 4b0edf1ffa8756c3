/** The learner's door: tables, the ML core and types; no native addon and no I/O on import. */
export {
  type Cell,
  type Column,
  cellOf,
  columnOf,
  type DataType,
  type Field,
  isNull,
  type Row,
  rowOf,
  rowsOf,
  type Table,
} from "./core/table.ts";
export {
  concatTables,
  emptyTable,
  fieldsOf,
  selectColumns,
  sliceTable,
  tableFromRows,
  takeRows,
} from "./core/table-build.ts";
export * from "./ml/index.ts";
