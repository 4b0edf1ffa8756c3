import pg from "pg";

/**
 * What the values of a row are, whatever the server's settings:
 *
 * | PostgreSQL | here |
 * |---|---|
 * | boolean | boolean |
 * | smallint, integer, real, double precision | number |
 * | bigint (so `count(*)` too) | bigint |
 * | numeric | string, with every digit |
 * | date | string, `2024-01-05` |
 * | timestamp, timestamptz | string, UTC, `2024-01-05T10:00:00Z`, with as many digits of a second as it has (up to six) |
 * | json, jsonb | the value |
 * | bytea | Buffer |
 * | arrays of these | arrays of these |
 * | all others | string, as PostgreSQL writes them |
 *
 * These are the forms of `core/table.ts`: exact, and of no time zone. `infinity` stays a text of that name.
 */
export function readPostgresType(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  if (format === "binary") return pg.types.getTypeParser(oid, "binary");
  return PARSERS.get(oid) ?? pg.types.getTypeParser(oid, "text");
}

/** Numbers of types in pg_type. */
const OID = {
  int8: 20,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  point: 600,
  circle: 718,
} as const;
const ARRAY_OID = {
  int8: 1016,
  numeric: 1231,
  date: 1182,
  timestamp: 1115,
  timestamptz: 1185,
  interval: 1187,
} as const;

const TEXT_ARRAY: number = 1009;

const PARSERS = new Map<number, (value: string) => unknown>([
  [OID.int8, BigInt],
  [OID.date, String],
  [OID.timestamp, readTimestamp],
  [OID.timestamptz, readTimestamp],
  [OID.interval, String],
  [OID.point, String],
  [OID.circle, String],
  [ARRAY_OID.int8, arrayOf(BigInt)],
  [ARRAY_OID.numeric, arrayOf(String)],
  [ARRAY_OID.date, arrayOf(String)],
  [ARRAY_OID.timestamp, arrayOf(readTimestamp)],
  [ARRAY_OID.timestamptz, arrayOf(readTimestamp)],
  [ARRAY_OID.interval, arrayOf(String)],
]);

/** `2024-01-05 10:00:00.5+00` → `2024-01-05T10:00:00.5Z`; the session is in UTC. */
function readTimestamp(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?$/.exec(text);
  return match === null ? text : `${match[1]}T${match[2]}Z`;
}

function arrayOf(read: (text: string) => unknown): (value: string) => unknown {
  // The driver's own parser of an array of texts, for its nesting, quotes and nulls.
  const texts = pg.types.getTypeParser(TEXT_ARRAY, "text");
  const deep = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(deep) : typeof value === "string" ? read(value) : value;
  return (value) => deep(texts(value));
}
