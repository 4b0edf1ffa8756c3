// The job of `taller run etl` on DuckDB's own API: the same SQL files, the same input, no engine, grader or report of ours.
// usage: etl_duckdb.mjs CSV SQL_FOLDER OUT_FOLDER. Prints one JSON line with the counts.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const [csv, sqlFolder, out] = process.argv.slice(2);
const sqlOf = (name) => readFileSync(join(sqlFolder, `${name}.sql`), "utf8");
const text = (value) => `'${value.replaceAll("'", "''")}'`;
mkdirSync(out, { recursive: true });
const instance = await DuckDBInstance.create(":memory:", {
  memory_limit: "512MB",
  temp_directory: join(out, "spill"),
});
const db = await instance.connect();
await db.run("SET TimeZone = 'UTC'");
const view = (name, sql) => db.run(`CREATE OR REPLACE TEMP VIEW ${name} AS ${sql}`);
const number = async (sql) => Number((await (await db.run(sql)).getRows())[0][0]);

await view(
  "raw",
  `SELECT * FROM read_csv(${text(csv)}, delim = ',', quote = '"', escape = '"', header = true, all_varchar = true,
     nullstr = ['', 'NA', 'N/A', '-', 'null'], store_rejects = true, rejects_limit = 0)`,
);
await view("texts", "SELECT * FROM raw");
await view("clean", sqlOf("clean"));
await view("checked", sqlOf("check"));
const checked = join(out, "checked.parquet");
await db.run(`COPY (SELECT * FROM checked) TO ${text(checked)} (FORMAT parquet)`);
await view("checked", `SELECT * FROM read_parquet(${text(checked)})`);
await view(
  "raw_rejects",
  "SELECT DISTINCT ON (scan_id, file_id, line) line, csv_line AS text FROM reject_errors",
);
await view("structural", sqlOf("structural"));
await view("rejected", sqlOf("rejected"));
await view("valid", sqlOf("valid"));
await view("newest", sqlOf("dedupe"));
await db.run(
  `COPY (SELECT * FROM rejected) TO ${text(join(out, "rejected.parquet"))} (FORMAT parquet, COMPRESSION zstd)`,
);
await db.run(
  `COPY (SELECT * FROM newest) TO ${text(join(out, "leads-clean"))} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (source))`,
);
const valid = await number(
  `SELECT count(*) FROM read_parquet(${text(join(out, "leads-clean", "**", "*.parquet"))})`,
);
const rejected = await number("SELECT count(*) FROM rejected");
const duplicates = await number(sqlOf("duplicates"));
console.log(JSON.stringify({ read: valid + rejected + duplicates, valid, rejected, duplicates }));
rmSync(checked);
