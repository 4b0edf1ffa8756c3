import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inspectCsv, normaliseCsv } from "../../src/engines/csv/csv.ts";
import { intake, userErrorOf } from "./intake.ts";

const { take, file, folder } = intake();

describe("what is no CSV is refused in words", () => {
  test.each<[string, string, string | Uint8Array]>([
    ["an empty file", "csv-empty", ""],
    ["a byte-order mark alone", "csv-empty", "\ufeff"],
    ["blank lines alone", "csv-empty", "\n\r\n  \n"],
    ["an empty gzip", "csv-empty", gzipSync("")],
    [
      "an Excel workbook",
      "csv-is-xlsx",
      Buffer.from("PK\x03\x04\x14\x00\x06\x00........[Content_Types].xml", "latin1"),
    ],
    ["a zip", "csv-is-zip", Buffer.from("PK\x03\x04\x14\x00\x00\x00data.csv", "latin1")],
    ["an old .xls", "csv-is-xls", Buffer.from("d0cf11e0a1b11ae10000", "hex")],
    ["a Parquet file", "csv-is-parquet", Buffer.from("PAR1\x15\x04\x15\x20PAR1", "latin1")],
    ["a Parquet file in gzip", "csv-is-parquet", gzipSync("PAR1\x15\x04\x15\x20PAR1")],
    ["an SQLite database", "csv-is-sqlite", Buffer.from("SQLite format 3\0....", "latin1")],
    ["a PDF", "csv-is-pdf", "%PDF-1.7\n1 0 obj"],
    ["zstd", "csv-is-zstd", Buffer.from("28b52ffd0458", "hex")],
    ["a web page", "csv-is-html", "\n<!DOCTYPE html>\n<html><body>Log in</body></html>"],
    ["JSON", "csv-is-json", '[\n  {"a": 1, "b": 2}\n]'],
    ["JSON lines", "csv-is-json", '{"a":1,"b":2}\n{"a":3,"b":4}\n'],
    ["an image", "csv-is-image", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
    ["zeros", "csv-binary", new Uint8Array(5000)],
    [
      "binary junk",
      "csv-binary",
      Uint8Array.from({ length: 100_000 }, (_, i) => (i * i * 31 + (i >> 3) * 17) % 256),
    ],
    ["a cut gzip", "csv-gzip-damaged", gzipSync("a,b\n1,2\n".repeat(10_000)).subarray(0, 60)],
  ])("%s", async (_, code, content) => {
    const error = await userErrorOf(take(content));
    expect(error.code).toBe(code);
    expect(error.fault).toBe("data");
    expect(error.what.es).not.toBe(error.what.en);
  });

  test("a folder, a missing file and an impossible name", async () => {
    const path = join(folder(), "a-folder.csv");
    await mkdir(path);
    expect((await userErrorOf(inspectCsv(path))).code).toBe("csv-folder");
    expect((await userErrorOf(inspectCsv(join(folder(), "nowhere", "x.csv")))).code).toBe("csv-missing");
    expect((await userErrorOf(inspectCsv(join(folder(), "x".repeat(5000))))).code).toBe("csv-missing");
    expect((await userErrorOf(inspectCsv("a\0b.csv"))).code).toBe("csv-missing");
  });

  test.skipIf(process.platform === "win32")("a device is no file: nothing waits for it", async () => {
    expect((await userErrorOf(inspectCsv("/dev/zero"))).code).toBe("csv-not-a-file");
  });

  // Root reads everything, so that only another user can be refused.
  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("an unreadable file", async () => {
    const path = await file("a,b\n1,2\n");
    await chmod(path, 0o000);
    const error = await userErrorOf(inspectCsv(path));
    expect([error.code, error.fault]).toEqual(["csv-unreadable", "environment"]);
  });

  test("a gzip that is cut far into the data is refused whole, and leaves nothing", async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i},${(i * 7919) % 104729}\n`).join("");
    const packed = gzipSync(`a,b\n${rows}`);
    const path = await file(packed.subarray(0, packed.length - 1000));
    const out = join(folder(), "cut");
    const inspection = await inspectCsv(path, { sampleBytes: 10_000 });
    expect((await userErrorOf(normaliseCsv(path, inspection, { folder: out }))).code).toBe(
      "csv-gzip-damaged",
    );
    expect(await readdir(out)).toEqual([]);
  });

  test("a file of which no line is a row", async () => {
    const path = await file("a,b\n1,x\n");
    const inspection = await inspectCsv(path);
    const other = await file("a,b\n1\n2\n3\n");
    expect((await userErrorOf(normaliseCsv(other, inspection, { folder: folder() }))).code).toBe(
      "csv-no-rows",
    );
  });
});
