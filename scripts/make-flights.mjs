// Takes the real flights that ship with the package from the npm package vega-datasets (a dev dependency):
// node scripts/make-flights.mjs [--check]
//
// The source holds three million flights of January to June 2001 in the order of departure. We keep every flight
// of January and February (whole days, no sample: a sample would thin the stream), in the same order. DuckDB's version
// is in the file's footer, so another version may give other bytes with the same rows: then the card's sha256 changes.
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

// flights-3m.parquet of vega-datasets 3.2.1.
const SOURCE_SHA256 = "dbeb920c90f59b6ccaff823dcc3d08f25a97fa1ce128d93f40be4e931f5900b0";
const MAX_BYTES = 5_000_000;

const folder = fileURLToPath(new URL("../datasets/flights/", import.meta.url));
const cardPath = join(folder, "dataset.json");
const target = join(folder, "flights.parquet");
const beside = join(folder, `.flights.parquet.${process.pid}.tmp`);

const source = await sourceFile();
try {
  await writeFlights(source, beside);
  const bytes = await readFile(beside);
  if (bytes.length > MAX_BYTES) throw new Error(`${bytes.length} bytes are more than ${MAX_BYTES}`);
  const facts = { sha256: sha256(bytes), rows: await countRows(beside) };
  const card = JSON.parse(await readFile(cardPath, "utf8"));
  const isSame = card.sha256 === facts.sha256 && card.rows === facts.rows;
  console.log(JSON.stringify({ ...facts, sizeBytes: bytes.length, isSame }));
  if (process.argv.includes("--check")) {
    process.exitCode = isSame ? 0 : 1;
  } else {
    await rename(beside, target);
    await writeFile(cardPath, `${JSON.stringify({ ...card, ...facts }, null, 2)}\n`);
  }
} finally {
  await rm(beside, { force: true });
}

async function sourceFile() {
  // The package exports no file: its folder is found by its entry point.
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const path = join(dirname(entry), "..", "data", "flights-3m.parquet");
  const actual = sha256(await readFile(path));
  if (actual !== SOURCE_SHA256) throw new Error(`${path} has SHA-256 ${actual}, expected ${SOURCE_SHA256}`);
  return path;
}

async function writeFlights(from, to) {
  await withDuckDb((connection) =>
    connection.run(`
      COPY (
        SELECT "date", CAST(delay AS INTEGER) AS delay, CAST(distance AS INTEGER) AS distance, origin, destination
        FROM read_parquet(${text(from)})
        WHERE "date" < TIMESTAMP '2001-03-01 00:00:00'
      ) TO ${text(to)} (FORMAT parquet, CODEC zstd, COMPRESSION_LEVEL 19, ROW_GROUP_SIZE 65536)`),
  );
}

function countRows(path) {
  return withDuckDb(async (connection) => {
    const reader = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet(${text(path)})`);
    return Number(reader.getRows()[0][0]);
  });
}

async function withDuckDb(work) {
  // One thread keeps the order of the rows and the bounds of the row groups.
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    preserve_insertion_order: "true",
  });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function text(value) {
  return `'${value.replaceAll("'", "''")}'`;
}
