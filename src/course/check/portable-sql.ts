import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import type { Module } from "../course.ts";
import { bareSql } from "../sql-text.ts";
import { type CourseFinding, finding } from "./finding.ts";

/** The first line of a file that is meant for one engine: `-- engine: duckdb (why)`. */
const ONE_ENGINE = /^\s*--\s*engine:\s*\w+/;

/** A module's SQL files that look as if the two engines would answer them differently. */
export async function checkPortableSql(module: Module): Promise<CourseFinding[]> {
  const dir = join(module.dir, "sql");
  const findings: CourseFinding[] = [];
  for (const name of (await readdir(dir).catch(noFolder)).filter((one) => one.endsWith(".sql")).sort()) {
    const text = await readFile(join(dir, name), "utf8");
    for (const { line, say } of portabilityProblems(text))
      findings.push(finding("portable-sql", module.slug, `${join(dir, name)}:${line}`, say));
  }
  return findings;
}

/**
 * What in a SQL text is not in the common subset of DuckDB and Spark (docs/portable-sql.md), as far as its
 * words show it; running it on both engines is the proof. Nothing for a text whose first line is
 * `-- engine: duckdb`.
 */
export function portabilityProblems(text: string): { line: number; say: string }[] {
  if (ONE_ENGINE.test(text)) return [];
  const bare = bareSql(text);
  const lineAt = (index: number) => bare.slice(0, index).split("\n").length;
  const problems: { line: number; say: string }[] = [];
  for (const { pattern, say } of RULES)
    for (const match of bare.matchAll(pattern))
      problems.push({ line: lineAt(match.index), say: `${match[0].trim()}: ${say}` });
  for (const { index, key } of sortKeys(bare))
    if (!/\bnulls\s+(first|last)\b/i.test(key))
      problems.push({
        line: lineAt(index),
        say: `ORDER BY ${key.trim()}: spell out NULLS FIRST or NULLS LAST`,
      });
  return problems.sort((a, b) => a.line - b.line);
}

const word = (names: string) => new RegExp(`\\b(?:${names})\\s*\\(`, "gi");

const RULES: readonly { pattern: RegExp; say: string }[] = [
  {
    pattern: word("read_csv|read_csv_auto|read_parquet|read_json|parquet_metadata|parquet_schema|glob"),
    say: "reading goes through the lesson's inputs or the engine's interface",
  },
  {
    pattern: word("strptime|try_strptime|strftime|to_date|try_to_timestamp|date_format"),
    say: "rebuild the ISO form with substring and try_cast",
  },
  { pattern: word("regexp_matches|regexp_like|rlike"), say: "use regexp_extract(s, p, 0) <> ''" },
  { pattern: word("regexp_replace"), say: "Spark replaces all, DuckDB the first: use replace or translate" },
  { pattern: word("date_diff|datediff"), say: "extract(day FROM (timestamp - timestamp))" },
  { pattern: word("epoch_ms|unix_millis|timestamp_millis|epoch"), say: "no common form" },
  {
    pattern: word("starts_with|startswith|ends_with|endswith"),
    say: "use left(s, n) = … or right(s, n) = …",
  },
  {
    pattern: word("approx_quantile|approx_percentile|try_divide|pmod|bround|round_even"),
    say: "no common form",
  },
  {
    pattern: word("nvl|decode|add_months|get_json_object|json_extract|json_extract_string"),
    say: "no common form",
  },
  { pattern: word("list|collect_list|list_value|unnest|explode"), say: "no common form" },
  { pattern: word("concat"), say: "NULL differs: use || with coalesce" },
  { pattern: /\bvarchar\b(?!\s*\()/gi, say: "Spark wants a length: CAST(x AS STRING)" },
  { pattern: /\*\s*(?:exclude|except|replace|rename)\s*\(/gi, say: "name the columns" },
  { pattern: /\/\//g, say: "integer division: CAST(floor(a / b) AS BIGINT)" },
  { pattern: /\bdiv\b/gi, say: "integer division: CAST(floor(a / b) AS BIGINT)" },
  { pattern: /\bignore\s+nulls\b/gi, say: "no common form" },
  { pattern: /<=>/g, say: "use IS NOT DISTINCT FROM" },
  { pattern: /\b(?:left\s+semi|left\s+anti|asof)\s+join\b/gi, say: "use SEMI JOIN, ANTI JOIN" },
  { pattern: /`/g, say: "plain names that are no keywords" },
];

/** The keys of each ORDER BY, with their place. `ORDER BY ALL` has none. */
function sortKeys(bare: string): { index: number; key: string }[] {
  const keys: { index: number; key: string }[] = [];
  for (const match of bare.matchAll(/\border\s+by\b/gi)) {
    const start = match.index + match[0].length;
    let depth = 0;
    let from = start;
    const end = (at: number) => {
      const key = bare.slice(from, at);
      if (key.trim() !== "" && !/^\s*all\b/i.test(key))
        keys.push({ index: from + key.length - key.trimStart().length, key });
      from = at + 1;
    };
    let at = start;
    for (; at < bare.length; at++) {
      const char = bare[at];
      if (char === "(") depth++;
      else if (char === ")") {
        depth--;
        if (depth < 0) break;
      } else if (depth === 0 && char === ",") end(at);
      else if (
        depth === 0 &&
        (char === ";" ||
          /^(?:\s)(?:limit|offset|rows|range|groups|union|qualify)\b/i.test(bare.slice(at, at + 10)))
      )
        break;
    }
    end(at);
  }
  return keys;
}

function noFolder(error: unknown): string[] {
  if (systemCode(error) === "ENOENT") return [];
  throw error;
}
