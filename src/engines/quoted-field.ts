/** An open quote is told from a long text by what lies inside: this many lines or more, nearly all records. */
const OPEN_QUOTE_LINES = 8;
const OPEN_QUOTE_SHARE = 0.9;

/** What a reader of records notes about the quoted field that it is in. */
export class QuotedField {
  readonly #fieldCount: number;
  /** 1-based, physical, of its opening quote. */
  line = 0;
  /** Line ends in it so far. */
  breaks = 0;
  /** Delimiters since the last line end. */
  delimiters = 0;
  #records = 0;

  constructor(fieldCount: number) {
    this.#fieldCount = fieldCount;
  }

  open(line: number): void {
    this.line = line;
    this.breaks = 0;
    this.delimiters = 0;
    this.#records = 0;
  }

  breakLine(): void {
    // The text between the quote and the first line end is a part of a record, never one.
    if (this.breaks > 0 && this.delimiters === this.#fieldCount - 1) this.#records++;
    this.breaks++;
    this.delimiters = 0;
  }

  /** True when what lies between the quotes is other records. */
  looksSwallowed(): boolean {
    return (
      this.#fieldCount > 1 &&
      this.breaks > OPEN_QUOTE_LINES &&
      this.#records >= OPEN_QUOTE_SHARE * (this.breaks - 1)
    );
  }
}
