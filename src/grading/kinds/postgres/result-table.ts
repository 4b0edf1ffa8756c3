import type { Cell, DataType, Field, Table } from "../../../core/table.ts";
import { columnFromCells } from "../../../core/table-build.ts";

/** Type ids of PostgreSQL's catalog (`pg_type.oid`), which never change. */
const OID = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  float4: 700,
  float8: 701,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
};

/** PostgreSQL's own text of every value: nothing is rounded or turned into an object on the way. */
export const TEXT_PARSERS: Record<number, (text: string) => string> = Object.fromEntries(
  [...Object.values(OID), 17, 114, 3802, 1000, 1005, 1007, 1016, 1021, 1022, 1115, 1182, 1185, 1231].map(
    (oid) => [oid, (text: string) => text],
  ),
);

/** A query's result as a table. What has no type of ours (arrays, JSON, intervals) is its text. */
export function resultTable(
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
  rows: readonly (readonly (string | null)[])[],
): Table {
  const made = fields.map(({ name, dataTypeID }, index) => {
    const texts = rows.map((row) => row[index] ?? null);
    const field: Field = { name, type: typeOf(dataTypeID, texts), nullable: true };
    return {
      field,
      column: columnFromCells(
        field,
        texts.map((text) => cellIn(field.type, text)),
      ),
    };
  });
  return {
    fields: made.map(({ field }) => field),
    columns: made.map(({ column }) => column),
    rowCount: rows.length,
  };
}

function typeOf(oid: number, texts: readonly (string | null)[]): DataType {
  switch (oid) {
    case OID.bool:
      return { kind: "boolean" };
    case OID.int2:
    case OID.int4:
      return { kind: "int32" };
    case OID.int8:
      return { kind: "int64" };
    case OID.float4:
    case OID.float8:
      return { kind: "float64" };
    case OID.numeric:
      return numericType(texts);
    case OID.date:
      return { kind: "date" };
    case OID.timestamp:
    case OID.timestamptz:
      return { kind: "timestamp" };
    default:
      return { kind: "string" };
  }
}

/** A result's NUMERIC has no fixed scale: the widest of its values, or float64 where 18 digits don't hold them. */
function numericType(texts: readonly (string | null)[]): DataType {
  let scale = 0;
  let whole = 1;
  for (const text of texts) {
    if (text === null) continue;
    const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) return { kind: "float64" };
    whole = Math.max(whole, match[1]?.length ?? 0);
    scale = Math.max(scale, match[2]?.length ?? 0);
  }
  return whole + scale <= 18 ? { kind: "decimal", precision: 18, scale } : { kind: "float64" };
}

function cellIn(type: DataType, text: string | null): Cell {
  if (text === null) return null;
  switch (type.kind) {
    case "boolean":
      return text === "t" || text === "true";
    case "int32":
    case "float64":
      return Number(text);
    case "int64":
      return BigInt(text);
    case "timestamp":
      // The session is in UTC, so the offset of a timestamptz is always +00.
      return text.replace(/\+00$/, "");
    default:
      return text;
  }
}
