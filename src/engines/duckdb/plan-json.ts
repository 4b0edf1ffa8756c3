/** One operator of a DuckDB plan. */
export interface PlanNode {
  readonly name: string;
  readonly info: Readonly<Record<string, string>>;
  readonly detail: string;
  /** Rows that it gave; undefined when the plan was not run. */
  readonly rows: number | undefined;
  /** DuckDB's own count of rows scanned: right for tables, an estimate for Parquet. */
  readonly rowsScanned: number | undefined;
  readonly isScan: boolean;
  readonly children: readonly PlanNode[];
}

/** Reads what `EXPLAIN (FORMAT json)` and `EXPLAIN (ANALYZE, FORMAT json)` give. */
export function parsePlan(json: string): PlanNode[] {
  const parsed: unknown = JSON.parse(json);
  const roots = (Array.isArray(parsed) ? parsed : [parsed]).filter(isRecord);
  return roots.flatMap(nodesOf);
}

/** The query's own frame and EXPLAIN_ANALYZE are not operators of the plan. */
function nodesOf(raw: Readonly<Record<string, unknown>>): PlanNode[] {
  const children = (Array.isArray(raw.children) ? raw.children : []).filter(isRecord).flatMap(nodesOf);
  const given = raw.operator_name ?? raw.name;
  if (typeof given !== "string" || given === "EXPLAIN_ANALYZE") return children;
  const name = given.trim();
  const info = infoOf(raw.extra_info);
  const node = {
    name,
    info,
    detail: Object.entries(info)
      .map(([key, value]) => `${key}: ${value}`)
      .join("; "),
    rows: numberOf(raw.operator_cardinality),
    rowsScanned: numberOf(raw.operator_rows_scanned),
    isScan: raw.operator_type === "TABLE_SCAN" || /_SCAN$|^READ_/.test(name),
    children,
  };
  return [node];
}

function infoOf(raw: unknown): Record<string, string> {
  if (!isRecord(raw)) return {};
  const info: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) {
    const text = Array.isArray(value) ? value.join(", ") : String(value);
    if (text !== "") info[key] = text;
  }
  return info;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
