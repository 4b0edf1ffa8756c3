import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { UserError } from "../../src/core/errors.ts";
import { rowsOf } from "../../src/core/table.ts";
import { intake, typesOf } from "./intake.ts";

const CORPUS = join(import.meta.dirname, "..", "fixtures", "csv");

const { takeFile } = intake();

const files = readdirSync(CORPUS, { withFileTypes: true }).flatMap((entry) =>
  entry.isFile() ? [entry.name] : [],
);

/** What came of a file, as the text that stands in `expected/`. */
async function summary(name: string): Promise<string> {
  try {
    const { inspection, result, typed } = await takeFile(join(CORPUS, name));
    const { delimiter, quote, escape: mark, hasHeader, skipLines } = inspection.dialect;
    return pretty({
      encoding: inspection.encoding,
      compression: inspection.compression,
      dialect: { delimiter, quote, escape: mark, hasHeader, skipLines },
      columns: typesOf(inspection),
      isInPlace: result.isInPlace,
      counts: { records: result.records, rows: result.rows, rejected: result.rejected },
      rejectsByReason: result.rejectsByReason,
      notes: [...inspection.notes, ...result.notes].map(({ en }) => en),
      firstRows: rowsOf(typed, 3),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return pretty({ refused: error.code, what: error.what, next: error.next });
  }
}

function pretty(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

test.each(files)("%s is read, or refused, as its expected file says", async (name) => {
  await expect(await summary(name)).toMatchFileSnapshot(join(CORPUS, "expected", `${name}.txt`));
});
