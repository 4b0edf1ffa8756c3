import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CsvDialect } from "../../src/engines/engine.ts";
import { type RecordCount, RecordCounter } from "../../src/engines/record-count.ts";

const COMMA: CsvDialect = { delimiter: ",", quote: '"', escape: '"', hasHeader: false };

function count(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  dialect = COMMA,
  fieldCount = 3,
): RecordCount {
  const counter = new RecordCounter({ dialect, fieldCount });
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i++) counter.push(bytes.subarray(edges[i - 1], edges[i]));
  return counter.finish();
}

const records = (text: string, more: Partial<CsvDialect> = {}, fieldCount = 3) =>
  count(Buffer.from(text), [], { ...COMMA, ...more }, fieldCount);

describe("a record counter", () => {
  it.each([
    ["", 0],
    ["\n\n", 0],
    ["a,b,c", 1],
    ["a,b,c\n", 1],
    ["a,b,c\r\nd,e,f\r\n", 2],
    ["a,b,c\rd,e,f\r", 2],
    ['a,"b\n\nc",d\n', 1],
    ['a,"b ""q"" \n",d\ne,f,g', 2],
    ['a, "b\nc" ,d\n', 1],
    ['a,b"c,d"e\nf,g,h\n', 2],
    ['\uFEFF"a\nb",c,d\n', 1],
    ["   \n", 1],
  ])("counts %j as %i", (text, expected) => {
    expect(records(text)).toMatchObject({ records: expected, fault: undefined });
  });

  it("leaves the header out, counts empty lines of a single column, and knows other quotes", () => {
    expect(records("h\na\n\nb\n", { hasHeader: true }, 1).records).toBe(3);
    expect(records("a,'b\nc',d\n", { quote: "'", escape: "'" }).records).toBe(1);
    expect(records('a,"b\nc",d\n', { quote: "" }).records).toBe(2);
    expect(records('a,"b\\"\nc",d\n', { escape: "\\" }).records).toBe(1);
  });

  it("takes a long text for a text, and swallowed records for an open quote", () => {
    const prose = 'a,"'.concat("A line of prose, with a comma.\n".repeat(50), '",c\n');
    expect(records(prose).fault).toBeUndefined();
    const swallowed = 'a,"b,c\n'.concat("1,2,3\n".repeat(50), 'x",y\n');
    expect(records(swallowed).fault).toEqual({ kind: "open-quote", line: 1, swallowedLines: 51 });
  });

  it("gives the longest record, and the line ends inside quotes by record", () => {
    const counted = records('a,b,c\n1,"2\n\n",3\n4,5,6\n7,"8\n",9\n');
    expect(counted.longestRecordBytes).toBe(9);
    expect(counted.innerBreaks).toEqual({ lines: [2, 4], inner: [2, 3] });
  });

  it("gives the same whatever the chunks", () => {
    const piece = fc.constantFrom(
      "a",
      "ñ",
      "€",
      '"',
      '""',
      ",",
      "\n",
      "\r\n",
      "\r",
      " ",
      "x,y,z\n",
      '"q\n"',
      "\uFEFF",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.nat(120), { maxLength: 8 }),
        (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(""));
          const inside = cuts.filter((cut) => cut < bytes.length && (cut > 2 || bytes[0] !== 0xef));
          expect(count(bytes, inside)).toEqual(count(bytes));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
