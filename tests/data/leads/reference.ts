/**
 * A slow, plain cleaning of a leads CSV by the rules of docs/data.md, written without any code of the generator:
 * what it finds must be what the ledger says.
 */
export interface CleanedRow {
  readonly line: number;
  readonly text: string;
  readonly leadId: string;
  readonly created: string;
  readonly updatedAt: string;
  readonly revision: number;
  readonly source: string;
  readonly country: string | null;
  readonly industry: string | null;
  readonly companyId: string | null;
  readonly employees: number | null;
  readonly budgetCents: number | null;
  readonly visits: number;
  readonly minutes: number | null;
  readonly emailsOpened: number;
  readonly daysSinceContact: number | null;
  readonly onboardingCalls: number | null;
  readonly converted: boolean | null;
  readonly notes: string | null;
}

export interface Cleaned {
  readonly header: readonly string[];
  readonly read: number;
  /** Reasons by line, for the rejected rows. */
  readonly rejected: ReadonlyMap<number, readonly string[]>;
  /** Valid rows that are not kept, by line. */
  readonly dropped: ReadonlySet<number>;
  readonly kept: readonly CleanedRow[];
  readonly valid: readonly CleanedRow[];
}

const NULLS = new Set(["", "NA", "N/A", "-", "null"]);

export function cleanLeads(text: string): Cleaned {
  const [first, ...records] = parseCsv(text.replace(/^\uFEFF/, ""));
  const header = first?.fields ?? [];
  const rejected = new Map<number, string[]>();
  const valid: CleanedRow[] = [];
  for (const record of records) {
    if (record.fields.length !== header.length) {
      rejected.set(record.line, ["structural"]);
      continue;
    }
    const raw = new Map(header.map((name, i) => [name, record.fields[i] ?? ""]));
    const reasons = reasonsOf(raw);
    if (reasons.length > 0) rejected.set(record.line, reasons);
    else valid.push(typed(raw, record));
  }
  const newest = new Map<string, CleanedRow>();
  for (const row of valid) {
    const other = newest.get(row.leadId);
    if (other === undefined || compare(row, other) > 0) newest.set(row.leadId, row);
  }
  const kept = [...newest.values()];
  const keptLines = new Set(kept.map(({ line }) => line));
  return {
    header,
    read: records.length,
    rejected,
    dropped: new Set(valid.map(({ line }) => line).filter((line) => !keptLines.has(line))),
    kept,
    valid,
  };
}

export interface CsvRecord {
  /** Physical line of its start, 1 for the header. */
  readonly line: number;
  readonly fields: readonly string[];
  readonly text: string;
}

/** RFC 4180 with LF ends. */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  for (let start = 0; start < text.length; ) {
    const fields: string[] = [];
    let at = start;
    do {
      const end = fieldEnd(text, at);
      fields.push(unquoted(text.slice(at, end)));
      at = end + 1;
    } while (text[at - 1] === ",");
    const record = text.slice(start, at - 1);
    records.push({ line, fields, text: record });
    line += record.split("\n").length;
    start = at;
  }
  return records;
}

/** The position of the comma or line break that ends the field; throws when the text ends first. */
function fieldEnd(text: string, from: number): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) isQuoted = !isQuoted;
    else if (!isQuoted && (code === 44 || code === 10)) return at;
  }
  throw new Error("the file ends inside a record");
}

function unquoted(field: string): string {
  return field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
}

function reasonsOf(raw: ReadonlyMap<string, string>): string[] {
  const created = dateOf(raw.get("created") ?? "");
  const updated = (raw.get("updated_at") ?? "").slice(0, 10);
  const budget = raw.get("budget") ?? "";
  return [
    textOf(raw, "lead_id") === null ? "missing-id" : "",
    created === undefined ? "impossible-date" : "",
    created !== undefined && created > updated ? "created-after-update" : "",
    Number(textOf(raw, "employees") ?? 0) < 0 ? "negative-employees" : "",
    !NULLS.has(budget) && centsOf(budget) === undefined ? "unreadable-budget" : "",
    Number(textOf(raw, "visits")) < 0 ? "negative-visits" : "",
  ].filter((reason) => reason !== "");
}

function typed(raw: ReadonlyMap<string, string>, record: CsvRecord): CleanedRow {
  const number = (name: string) => {
    const value = textOf(raw, name);
    return value === null ? null : Number(value);
  };
  const minutes = textOf(raw, "minutes_on_site");
  const label = textOf(raw, "converted")?.toLowerCase();
  return {
    line: record.line,
    text: record.text,
    leadId: raw.get("lead_id") ?? "",
    created: dateOf(raw.get("created") ?? "") ?? "",
    updatedAt: raw.get("updated_at") ?? "",
    revision: number("revision") ?? 0,
    source: (raw.get("source") ?? "").trim().toLowerCase(),
    country: textOf(raw, "country")?.toUpperCase() ?? null,
    industry: textOf(raw, "industry"),
    companyId: textOf(raw, "company_id"),
    employees: number("employees"),
    budgetCents: centsOf(raw.get("budget") ?? "") ?? null,
    visits: number("visits") ?? 0,
    minutes: minutes === null ? null : Number(minutes.replace(",", ".")),
    emailsOpened: number("emails_opened") ?? 0,
    daysSinceContact: number("days_since_contact"),
    onboardingCalls: raw.has("onboarding_calls") ? number("onboarding_calls") : null,
    converted: label === undefined ? null : ["1", "true", "yes"].includes(label),
    notes: textOf(raw, "notes"),
  };
}

function textOf(raw: ReadonlyMap<string, string>, name: string): string | null {
  const text = raw.get(name) ?? "";
  return NULLS.has(text) ? null : text;
}

function dateOf(text: string): string | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const local = /^(\d{2})([/.])(\d{2})\2(\d{4})$/.exec(text);
  const date = iso !== null ? text : local !== null ? `${local[4]}-${local[3]}-${local[1]}` : undefined;
  if (date === undefined) return undefined;
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date) ? date : undefined;
}

function centsOf(text: string): number | undefined {
  const forms = [
    [/^\d+\.\d{2}$/, /[.]/],
    [/^\d+,\d{2}$/, /,/],
    [/^\d{1,3}(\.\d{3})*,\d{2}$/, /[.,]/g],
    [/^\d{1,3}(,\d{3})*\.\d{2}$/, /[.,]/g],
  ] as const;
  const form = forms.find(([shape]) => shape.test(text));
  return form === undefined ? undefined : Number(text.replace(form[1], ""));
}

function compare(a: CleanedRow, b: CleanedRow): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt > b.updatedAt ? 1 : -1;
  return a.revision - b.revision;
}
