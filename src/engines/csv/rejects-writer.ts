import { isUtf8 } from "node:buffer";
import type { CsvSource } from "../engine.ts";
import { fromWindows1252, withoutCutEnd } from "./encoding.ts";
import { Output } from "./output.ts";
import type { StructuralReason } from "./record.ts";

/** Why a record was not taken: cut wrongly, or a value that is not of its declared type. */
export type RejectReason = StructuralReason | "type";

export interface RejectedText {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

const LF = 10;
const QUOTE = 34;

/** Longer texts are cut in the rejects file; the file itself still has them. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Writes rejects as CSV: file, line, reason, column, text. */
export class RejectsWriter {
  readonly #out: Output;
  readonly #file: Uint8Array;
  readonly counts = new Map<RejectReason, number>();
  /** Of the values of the wrong type: how many, by column. */
  readonly typeCounts = new Map<string, number>();
  total = 0;

  constructor(path: string, file: string) {
    this.#out = new Output(path);
    this.#file = Buffer.from(`"${file.replaceAll('"', '""')}",`);
  }

  get path(): string {
    return this.#out.path;
  }

  /** `column` says which, for a value of the wrong type, or how many fields there were. */
  add(reject: RejectedText, reason: RejectReason, column: string): void {
    if (this.total === 0) this.#out.addText("file,line,reason,column,text\n");
    this.total++;
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    if (reason === "type") this.typeCounts.set(column, (this.typeCounts.get(column) ?? 0) + 1);
    this.#out.add(this.#file, 0, this.#file.length);
    this.#out.addText(`${reject.line},${reason},${column},`);
    this.#addText(reject);
    this.#out.addByte(LF);
  }

  /** In quotes, as UTF-8, without NUL bytes (␀ stands for them): the rejects can always be read. */
  #addText({ bytes, start, end }: RejectedText): void {
    const cut = Math.min(end, start + MAX_TEXT_BYTES);
    const raw = bytes.subarray(start, cut);
    const text = isUtf8(withoutCutEnd(raw)) ? withoutCutEnd(raw) : fromWindows1252(raw);
    this.#out.addByte(QUOTE);
    for (const byte of text) {
      if (byte === 0) this.#out.addText("\u2400");
      else {
        if (byte === QUOTE) this.#out.addByte(QUOTE);
        this.#out.addByte(byte);
      }
    }
    if (cut < end) this.#out.addText(`… (${end - start} bytes)`);
    this.#out.addByte(QUOTE);
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
