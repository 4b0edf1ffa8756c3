/** What a learner's code gets of tables; `taller` gives the same names. */
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
} from "./table.ts";
export {
  concatTables,
  emptyTable,
  fieldsOf,
  selectColumns,
  sliceTable,
  tableFromRows,
  takeRows,
} from "./table-build.ts";
