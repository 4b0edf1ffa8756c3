/** CSV intake: what a stranger's file is, and its rows in a form that leaves an engine nothing to guess. */
export { type InspectOptions, inspectCsv } from "./inspect.ts";
export type { CsvColumn, CsvInspection, FileDialect } from "./inspection.ts";
export { type NormaliseOptions, normaliseCsv } from "./normalise.ts";
export type { NormalisedCsv } from "./normalised.ts";
export type { RejectReason } from "./rejects-writer.ts";
export {
  type CsvSchema,
  csvSchemaShape,
  formatSchema,
  readSchemaFile,
  writeSchemaFile,
} from "./schema-file.ts";
