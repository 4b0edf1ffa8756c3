import { ColumnProfile } from "./column-profile.ts";
import { type FitCheck, fitCheck } from "./fits.ts";
import type { CsvColumn, CsvInspection } from "./inspection.ts";
import { PLAIN, type RecordSink, type ScannedRecord, type ScannedReject } from "./record.ts";
import { RejectsWriter } from "./rejects-writer.ts";
import { RowsWriter } from "./rows-writer.ts";
import type { RecordScanner } from "./scanner.ts";

/** Takes what the scanner delivers: profiles and checks values, writes rows and rejects, counts. */
export class Intake implements RecordSink {
  scanner: RecordScanner | undefined;
  /** Records that start before this offset of the stream may hold bytes that are no UTF-8. */
  suspectUntil = -1;
  lostCharacters = 0;
  readonly inspection: CsvInspection;
  readonly rows: RowsWriter;
  readonly rejects: RejectsWriter;
  readonly profiles: readonly ColumnProfile[];
  /** Columns whose type is still open, and how many they are. */
  readonly #open: Int32Array;
  #openCount: number;
  readonly checks: readonly { column: CsvColumn; index: number; check: FitCheck }[];
  #awaitsHeader: boolean;
  rowCount = 0;
  blankLines = 0;
  longestBytes = 0;
  foreignRecords = 0;

  constructor(inspection: CsvInspection, rowsPath: string, rejectsPath: string) {
    const { columns, dialect } = inspection;
    this.inspection = inspection;
    this.#awaitsHeader = dialect.hasHeader;
    this.rows = new RowsWriter({
      path: rowsPath,
      dialect,
      names: columns.map((column) => column.name),
      // By a name like these an engine takes the file for a packed one.
      canStayInPlace:
        inspection.encoding === "utf-8" &&
        inspection.compression === "none" &&
        dialect.skipLines === 0 &&
        !/\.(gz|gzip|zst|zstd|bz2|snappy|lz4)$/i.test(inspection.path),
    });
    this.rejects = new RejectsWriter(rejectsPath, inspection.path);
    const isDeclared = inspection.typesFrom === "declared";
    this.profiles = isDeclared ? [] : columns.map(() => new ColumnProfile());
    this.#openCount = this.profiles.length;
    this.#open = Int32Array.from(this.profiles.keys());
    this.checks = isDeclared
      ? columns.flatMap((column, index) => {
          const check = fitCheck(column);
          return check === undefined ? [] : [{ column, index, check }];
        })
      : [];
  }

  record(record: ScannedRecord): void {
    const offset = this.scanner?.streamOffset(record.start) ?? 0;
    this.longestBytes = Math.max(this.longestBytes, record.end - record.start);
    if (this.#awaitsHeader) {
      this.#awaitsHeader = false;
      const isPlain =
        record.isVerbatim &&
        record.fieldCount === this.inspection.columns.length &&
        record.bytes
          .subarray(record.start, record.end)
          .every((byte) => byte !== LF && byte !== CR && byte !== 0);
      this.rows.header(record, offset, isPlain);
      return;
    }
    for (const { column, index, check } of this.checks) {
      const start = record.starts[index] ?? 0;
      const end = record.ends[index] ?? 0;
      if (start === end) {
        if (record.kinds[index] !== PLAIN) check.hasBlanks = true;
        continue;
      }
      if (check.fits(record.bytes, start, end)) continue;
      this.rows.breakAt(offset);
      this.rejects.add(record, "type", column.name);
      return;
    }
    this.#profile(record);
    this.rowCount++;
    if (this.rows.row(record, offset, offset < this.suspectUntil)) this.foreignRecords++;
  }

  reject(reject: ScannedReject): void {
    this.rows.breakAt(this.scanner?.streamOffset(reject.start) ?? 0);
    const column = reject.reason === "ragged" ? `${reject.fieldCount}/${this.inspection.columns.length}` : "";
    this.rejects.add(reject, reject.reason, column);
  }

  blank(start: number): void {
    this.blankLines++;
    this.rows.breakAt(this.scanner?.streamOffset(start) ?? 0);
  }

  forbidInPlace(): void {
    this.rows.breakAt(0);
  }

  async flush(copy: (bytes: number) => AsyncIterable<Uint8Array>): Promise<void> {
    await this.rows.flush(copy);
    await this.rejects.flush();
  }

  async close(): Promise<void> {
    await this.rows.close();
    await this.rejects.close();
  }

  #profile(record: ScannedRecord): void {
    const { bytes, starts, ends, kinds, line } = record;
    const open = this.#open;
    let kept = 0;
    for (let i = 0; i < this.#openCount; i++) {
      const index = open[i] ?? 0;
      const profile = this.profiles[index];
      if (profile === undefined) continue;
      const start = starts[index] ?? 0;
      const end = ends[index] ?? 0;
      if (start < end) profile.add(bytes, start, end, line);
      else if (kinds[index] !== PLAIN) profile.hasBlanks = true;
      if (!profile.isClosed) open[kept++] = index;
    }
    this.#openCount = kept;
  }
}

const LF = 10;
const CR = 13;
