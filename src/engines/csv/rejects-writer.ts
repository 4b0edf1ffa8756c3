import type { CsvSource } from "../engine.ts";
import { Output } from "./output.ts";
import type { ScannedReject, StructuralReason } from "./record.ts";

/** Why a record was not taken: cut wrongly, or a value that is not of its declared type. */
export type RejectReason = StructuralReason | "type";

/** Longer texts are cut in the rejects file; the file itself still has them. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Writes rejects as CSV: file, line, reason, column, text. */
export class RejectsWriter {
  readonly #out: Output;
  readonly #file: string;
  readonly counts = new Map<RejectReason, number>();
  total = 0;

  constructor(path: string, file: string) {
    this.#out = new Output(path);
    this.#file = file;
  }

  get path(): string {
    return this.#out.path;
  }

  add(reject: Omit<ScannedReject, "reason" | "fieldCount"> & { reason: RejectReason; column: string }): void {
    if (this.total === 0) this.#out.addText("file,line,reason,column,text\n");
    this.total++;
    this.counts.set(reject.reason, (this.counts.get(reject.reason) ?? 0) + 1);
    const cut = Math.min(reject.end, reject.start + MAX_TEXT_BYTES);
    const raw = Buffer.from(reject.bytes.subarray(reject.start, cut))
      .toString("utf8")
      .replaceAll("\0", "\u2400");
    const text = cut < reject.end ? `${raw}… (${reject.end - reject.start} bytes)` : raw;
    const cells = [this.#file, String(reject.line), reject.reason, reject.column, text];
    this.#out.addText(`${cells.map(quoted).join(",")}\n`);
  }

  async flush(): Promise<void> {
    if (this.total > 0) await this.#out.flush();
  }

  async close(): Promise<void> {
    await this.#out.close();
  }
}

/** The rejects file as a source for the engine. */
export function rejectsSource(path: string): CsvSource {
  const field = (name: string, kind: "string" | "int64") => ({ name, type: { kind }, nullable: true });
  return {
    kind: "csv",
    paths: [path],
    dialect: { delimiter: ",", quote: '"', escape: '"', hasHeader: true },
    fields: [
      field("file", "string"),
      field("line", "int64"),
      field("reason", "string"),
      field("column", "string"),
      field("text", "string"),
    ],
  };
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
