import type { PlanOperator, PlanSummary, QueryOptions } from "../engine.ts";
import { boundValues } from "./bind.ts";
import { type FileReads, watchFileReads } from "./file-reads.ts";
import { type FileSources, filesNamed } from "./named-files.ts";
import { type PlanNode, parsePlan } from "./plan-json.ts";
import { askRows } from "./rows.ts";
import type { Session } from "./session.ts";
import { withoutLastSemicolon } from "./sql-text.ts";

/**
 * The plan of a query. When it is run, counts are DuckDB's own, and the row groups that were read are found
 * by watching which bytes it read of each file: DuckDB has no such count, and the rows that it reports for a
 * Parquet scan are an estimate (measured: 600,000 for a file of 300,000).
 */
export async function explainQuery(
  session: Session,
  sources: FileSources,
  sql: string,
  options: QueryOptions & { readonly run?: boolean },
): Promise<PlanSummary> {
  const query = withoutLastSemicolon(sql);
  const values = boundValues(options.values);
  return session.exclusive({ sql, linesBefore: 1, options }, async (connection) => {
    const planned = await askRows(connection, `EXPLAIN\n${query}`, values);
    const text = planned.map((row) => String(row[1])).join("\n");
    const named = await filesNamed(connection, sources, query);
    if (options.run === false) {
      const [row] = await askRows(connection, `EXPLAIN (FORMAT json)\n${query}`, values);
      return { text, ...summary(parsePlan(String(row?.[1])), named.length, undefined, false) };
    }
    const analyze = async (): Promise<PlanNode[]> => {
      const [row] = await askRows(connection, `EXPLAIN (ANALYZE, FORMAT json)\n${query}`, values);
      return parsePlan(String(row?.[1]));
    };
    const { result, reads } = await watchFileReads(connection, named, analyze);
    return { text, ...summary(result, named.length, reads, true) };
  });
}

function summary(
  roots: readonly PlanNode[],
  namedFiles: number,
  reads: FileReads | undefined,
  hasRun: boolean,
): Omit<PlanSummary, "text"> {
  const nodes = roots.flatMap((root) => flatten(root, 0));
  const scans = nodes.filter(({ node }) => FILE_SCAN.test(node.name)).map(({ node }) => node);
  const files = countFiles(scans, namedFiles);
  return {
    operators: nodes.map(({ node, depth }): PlanOperator => {
      const rows = hasRun ? node.rows : undefined;
      return { name: node.name, depth, detail: node.detail, rows };
    }),
    ...files,
    rowGroupsRead: reads?.rowGroupsRead,
    rowGroupsTotal: reads?.rowGroupsTotal,
    rowsScanned: hasRun
      ? rowsScanned(
          nodes.map(({ node }) => node),
          reads,
        )
      : undefined,
    shuffles: nodes.filter(({ node }) => isShuffle(node.name)).length,
  };
}

const FILE_SCAN = /^READ_(PARQUET|CSV)/;

/**
 * Operators that bring rows of one key together. A total (no key), the first n of an order, a cross product
 * and a window without partition need no exchange of rows by key, so they do not count.
 */
function isShuffle(name: string): boolean {
  if (/DELIM_JOIN$|^POSITIONAL_JOIN$/.test(name)) return false;
  return /(^|_)JOIN$|GROUP_BY$|^PARTITIONED_AGGREGATE$|^ORDER_BY$|^WINDOW$/.test(name);
}

/**
 * `Scanning Files: 1/3` is what pruning by partition left, `Total Files Read` what was opened while running.
 * A plan that prunes nothing says neither before it runs: then it is all files of the sources named.
 */
function countFiles(
  scans: readonly PlanNode[],
  namedFiles: number,
): { filesRead: number; filesTotal: number } {
  let filesRead = 0;
  let filesTotal = 0;
  let isUnknown = false;
  for (const { info } of scans) {
    const pruned = /^(\d+)\/(\d+)$/.exec(info["Scanning Files"] ?? "");
    const read = info["Total Files Read"];
    if (pruned === null && read === undefined) isUnknown = true;
    filesRead += Number(read ?? pruned?.[1] ?? 0);
    filesTotal += Number(pruned?.[2] ?? read ?? 0);
  }
  return isUnknown ? { filesRead: namedFiles, filesTotal: namedFiles } : { filesRead, filesTotal };
}

/** Rows of the row groups read, plus the rows that other scans gave; undefined where files were not watched. */
function rowsScanned(nodes: readonly PlanNode[], reads: FileReads | undefined): number | undefined {
  let rows = reads?.rowsInGroupsRead ?? 0;
  for (const node of nodes) {
    if (node.name === "READ_PARQUET" && reads === undefined) return undefined;
    if (node.isScan && node.name !== "READ_PARQUET") {
      rows += node.name.startsWith("READ_CSV") ? (node.rows ?? 0) : (node.rowsScanned ?? 0);
    }
  }
  return rows;
}

function flatten(node: PlanNode, depth: number): { node: PlanNode; depth: number }[] {
  return [{ node, depth }, ...node.children.flatMap((child) => flatten(child, depth + 1))];
}
