import type { Attack } from "../attack.ts";

const refused = { kind: "refused", what: "sql" } as const;
const benign = "CREATE VIEW best AS SELECT max(x) AS answer FROM numbers;\nSELECT answer FROM best";
const answer = "SELECT max(x) AS answer FROM numbers";

export const sql: readonly Attack[] = [
  {
    name: "read_csv",
    attack: "SELECT 1 AS a;\nSELECT * FROM read_csv('{canary}')",
    benign,
    expected: { ...refused, file: "answer.sql", line: 2 },
  },
  {
    name: "read_csv of /etc/passwd",
    attack: "SELECT * FROM read_csv('/etc/passwd', sep = ':')",
    benign,
    expected: refused,
  },
  {
    name: "read_text",
    attack: "SELECT content AS answer FROM read_text('{canary}')",
    benign,
    expected: refused,
  },
  {
    name: "read_blob",
    attack: "SELECT content AS answer FROM read_blob('{canary}')",
    benign,
    expected: refused,
  },
  { name: "read_json", attack: "SELECT * FROM read_json('{canaryJson}')", benign, expected: refused },
  { name: "a file as a table", attack: "SELECT * FROM '{canaryJson}'", benign, expected: refused },
  { name: "glob", attack: "SELECT file AS answer FROM glob('{outside}/*')", benign, expected: refused },
  { name: "sniff_csv", attack: "SELECT * FROM sniff_csv('{canary}')", benign, expected: refused },
  {
    name: "parquet_metadata",
    attack: "SELECT * FROM parquet_metadata('{canary}')",
    benign,
    expected: refused,
  },
  {
    name: "a file by the network",
    attack: "SELECT * FROM read_csv('http://127.0.0.1:{tcpPort}/x.csv')",
    benign,
    expected: refused,
  },
  { name: "COPY TO outside", attack: "COPY numbers TO '{outside}/new.csv'", benign, expected: refused },
  {
    name: "COPY TO as a query's plan",
    attack: "PREPARE p AS COPY numbers TO '{outside}/new.csv'; EXECUTE p",
    benign,
    expected: refused,
  },
  {
    name: "COPY FROM",
    attack: "CREATE TABLE t (line STRING); COPY t FROM '{canary}'; SELECT line AS answer FROM t",
    benign,
    expected: refused,
  },
  { name: "EXPORT DATABASE", attack: "EXPORT DATABASE '{outside}/new'", benign, expected: refused },
  { name: "IMPORT DATABASE", attack: "IMPORT DATABASE '{outside}'", benign, expected: refused },
  {
    name: "ATTACH of a file",
    attack: "ATTACH '{outside}/new.db' AS other; CREATE TABLE other.t (x INTEGER)",
    benign,
    expected: refused,
  },
  {
    name: "ATTACH in memory",
    attack: `ATTACH ':memory:' AS other; ${answer}`,
    benign,
    expected: { ...refused, message: "ATTACH" },
  },
  { name: "INSTALL", attack: "INSTALL httpfs", benign, expected: refused },
  {
    name: "INSTALL from an address",
    attack: "INSTALL spatial FROM 'http://127.0.0.1:{tcpPort}'",
    benign,
    expected: refused,
  },
  { name: "LOAD", attack: "LOAD httpfs", benign, expected: refused },
  { name: "LOAD of a file", attack: "LOAD '{outside}/canary.duckdb_extension'", benign, expected: refused },
  {
    name: "an environment variable",
    attack: "SELECT getenv('HOME') AS answer",
    benign,
    expected: { kind: "sql", line: 1 },
  },
  { name: "SET of a limit", attack: `SET memory_limit = '100GB'; ${answer}`, benign, expected: refused },
  {
    name: "the lock taken off",
    attack:
      "SET lock_configuration = false; SET enable_external_access = true; SELECT * FROM read_text('{canary}')",
    benign,
    expected: refused,
  },
  {
    name: "PRAGMA of a file",
    attack: `PRAGMA enable_profiling; PRAGMA profile_output = '{outside}/new'; ${answer}`,
    benign,
    expected: refused,
  },
  {
    name: "a log into a folder",
    attack: `CALL enable_logging(storage = 'file', storage_path = '{outside}/new'); ${answer}`,
    benign,
    expected: refused,
  },
  { name: "stored secrets", attack: "SELECT * FROM duckdb_secrets()", benign, expected: refused },
  {
    name: "a secret kept on disk",
    attack: "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    benign,
    expected: { file: "answer.sql" },
  },
  {
    name: "its input emptied, with the right answer at hand",
    attack: "DELETE FROM numbers WHERE x <> 42; SELECT max(x) AS answer FROM numbers",
    benign,
    expected: { kind: "refused", what: "write", message: "numbers" },
  },
  {
    name: "its input replaced",
    attack: "CREATE OR REPLACE TABLE numbers AS SELECT 42 AS x; SELECT x AS answer FROM numbers",
    benign,
    expected: { kind: "refused", what: "write", message: "numbers" },
  },
  {
    name: "a query that never ends",
    attack: "SELECT count(*) AS answer FROM range(100000) AS a, range(100000) AS b, range(100000) AS c",
    benign,
    expected: { kind: "time-limit" },
    limits: { timeMs: 1_000 },
  },
  {
    name: "a recursion that never ends",
    attack: "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t) SELECT n AS answer FROM t",
    benign,
    // It grows as it turns: on some machines the memory may be full before the second is over.
    expected: [{ kind: "time-limit" }, { kind: "memory-limit" }],
    limits: { timeMs: 1_000 },
  },
  {
    name: "a result of a billion rows",
    attack: "SELECT range AS answer FROM range(1000000000)",
    benign,
    expected: { kind: "not-data" },
  },
  {
    name: "memory",
    attack: "SELECT list(a.range + b.range) AS answer FROM range(100000) AS a, range(100000) AS b",
    benign,
    expected: { kind: "memory-limit", limitMb: 256 },
  },
  {
    name: "the disk",
    attack:
      "CREATE TABLE big AS SELECT md5(a.range::VARCHAR) || md5(b.range::VARCHAR) AS s FROM range(10000) AS a, range(10000) AS b; SELECT count(*) AS answer FROM big",
    benign,
    expected: { kind: "disk-limit" },
  },
  {
    name: "a huge text",
    attack: "SELECT repeat('x', 1000000000) AS answer",
    benign,
    expected: { kind: "memory-limit" },
  },
  {
    name: "a parse that is deep",
    attack: `SELECT ${"(".repeat(20_000)}42${")".repeat(20_000)} AS answer`,
    benign,
    expected: { kind: "sql" },
  },
  {
    name: "no query at all",
    attack: "-- nothing",
    benign,
    expected: { kind: "missing-result", result: "result" },
  },
  { name: "a forged verdict", attack: `SELECT '{"passed": true}' AS answer`, benign, expected: "failed" },
  { name: "a constant", attack: "SELECT 41 AS answer", benign, expected: "failed" },
];
