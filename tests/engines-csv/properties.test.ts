import { gzipSync } from "node:zlib";
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import type { CsvSchema } from "../../src/engines/csv/csv.ts";
import { cells, intake } from "./intake.ts";

const { take, count, engine } = intake();

const SEED = 20240105;

interface Written {
  readonly delimiter: string;
  readonly quote: '"' | "'";
  readonly isBackslash: boolean;
  readonly lineEnd: string;
  readonly encoding: string;
  readonly hasMark: boolean;
  readonly isGzip: boolean;
  readonly endsWithLineEnd: boolean;
  readonly rows: readonly (readonly string[])[];
}

const dialects = {
  delimiter: fc.constantFrom(",", ";", "\t", "|", "^"),
  quote: fc.constantFrom<'"' | "'">('"', "'"),
  isBackslash: fc.boolean(),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  hasMark: fc.boolean(),
  isGzip: fc.boolean(),
  endsWithLineEnd: fc.boolean(),
};

/** Any text, and often the characters that make trouble. */
const trouble = fc.string({
  unit: fc.constantFrom('"', "'", "\\", "\n", "\r", ",", ";", "\t", " ", "a", "1", "é"),
  maxLength: 8,
});
const latin = fc.string({
  unit: fc.integer({ min: 0xa0, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 5,
});
const unicode = fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => !text.includes("\0"));

function tables(cell: fc.Arbitrary<string>): fc.Arbitrary<string[][]> {
  return fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
    );
}

/** Quotes what must be quoted, and empty texts, so that they are told from no value. */
function write(written: Written): Uint8Array {
  const { quote, delimiter, isBackslash, lineEnd } = written;
  const cellOf = (cell: string): string => {
    if (cell !== "" && !/^\s|["'\\\r\n,;\t|^]|\s$/.test(cell)) return cell;
    const inner = isBackslash
      ? cell.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`)
      : cell.replaceAll(quote, quote + quote);
    return quote + inner + quote;
  };
  const width = written.rows[0]?.length ?? 0;
  const header = Array.from({ length: width }, (_, i) => `col${i}`);
  const lines = [header, ...written.rows].map((row) => row.map(cellOf).join(delimiter));
  const text = lines.join(lineEnd) + (written.endsWithLineEnd ? lineEnd : "");
  const bytes = iconv.encode(text, written.encoding, {
    addBOM: written.hasMark && written.encoding !== "windows-1252",
  });
  return written.isGzip ? gzipSync(bytes) : bytes;
}

function schemaOf(written: Written): CsvSchema {
  const width = written.rows[0]?.length ?? 0;
  return {
    encoding: written.encoding,
    delimiter: written.delimiter,
    quote: written.quote,
    escape: written.isBackslash ? "\\" : written.quote,
    skipSpaceBeforeQuote: false,
    header: true,
    skipLines: 0,
    columns: Array.from({ length: width }, (_, i) => ({
      position: i + 1,
      source: `col${i}`,
      name: `col${i}`,
      type: { kind: "string" },
    })),
  };
}

describe("what is written comes back", () => {
  test("cell for cell, in any dialect and encoding, when the schema says which", async () => {
    const anyTable = fc.oneof(
      fc.record({
        ...dialects,
        encoding: fc.constantFrom("utf-8", "utf-16le", "utf-16be"),
        rows: tables(fc.oneof(unicode, trouble)),
      }),
      fc.record({
        ...dialects,
        encoding: fc.constant("windows-1252"),
        rows: tables(fc.oneof(latin, trouble)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anyTable, async (written) => {
        const { view, result } = await count(write(written), { schema: schemaOf(written) });
        expect(result.rejected).toBe(0);
        expect(cells(await engine().query(`SELECT * FROM ${view}`))).toEqual(written.rows);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  test("and for ordinary tables without being told anything", async () => {
    const word = fc.constantFrom(
      "Ana",
      "Luis",
      "red, green",
      "it's",
      "uno; dos",
      "x y",
      "Café",
      'the "best"',
      "a|b",
    );
    const record = fc.tuple(
      fc.integer(),
      word,
      word,
      fc.integer({ min: 0, max: 99999 }).map((n) => `${n / 100}`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ...dialects,
          delimiter: fc.constantFrom(",", ";", "\t", "|"),
          quote: fc.constant<'"'>('"'),
          isBackslash: fc.constant(false),
          encoding: fc.constantFrom("utf-8", "utf-16le", "windows-1252"),
          rows: fc.array(
            record.map((row) => row.map(String)),
            { minLength: 8, maxLength: 20 },
          ),
        }),
        async (written) => {
          const { texts, result, inspection } = await take(write(written));
          expect(inspection.dialect.delimiter).toBe(written.delimiter);
          expect(result.rejected).toBe(0);
          expect(cells(texts)).toEqual(written.rows);
        },
      ),
      { seed: SEED, numRuns: 30 },
    );
  });
});

/** The counts, or the refusal's code; anything else that is thrown fails the test. */
async function outcome(content: Uint8Array): Promise<string> {
  try {
    const { result } = await count(content);
    return `${result.rows}+${result.rejected}`;
  } catch (error) {
    if (error instanceof UserError) return error.code;
    throw error;
  }
}

describe("whatever the bytes are", () => {
  test("it reads them, or refuses in words, and the engine counts the same rows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await outcome(bytes)).toMatch(/^\d+\+\d+$|^csv-/);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  test("a CSV with some bytes changed, dropped or put in is read the same way", async () => {
    const clean = Buffer.from(
      `id,name,when\n${Array.from({ length: 30 }, (_, i) => `${i},"n ${i}",2024-01-${i + 1}\n`).join("")}`,
    );
    const hurt = fc.array(
      fc.tuple(
        fc.nat(clean.length - 1),
        fc.constantFrom('"', "\n", "\r", ",", "\0", "\\", "'", "\xe9", "", "\xff"),
      ),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(hurt, async (changes) => {
        const bytes = Buffer.from(clean);
        const parts: Buffer[] = [];
        let from = 0;
        for (const [at, text] of [...changes].sort((a, b) => a[0] - b[0])) {
          parts.push(bytes.subarray(from, Math.max(from, at)), Buffer.from(text, "latin1"));
          from = Math.max(from, at + 1);
        }
        parts.push(bytes.subarray(from));
        expect(await outcome(Buffer.concat(parts))).toMatch(/^\d+\+\d+$|^csv-/);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });
});
