import type { LeadColumn } from "./columns.ts";

/** Why a row must be rejected, in the order in which docs/data.md lists the rules. */
export const REASONS = [
  "structural",
  "missing-id",
  "impossible-date",
  "created-after-update",
  "negative-employees",
  "unreadable-budget",
  "negative-visits",
] as const;
export type Reason = (typeof REASONS)[number];

/** What can be wrong with a row, as bits: rejected for a reason, or one of several rows of a lead. */
export const TOO_FEW_FIELDS = 1;
export const TOO_MANY_FIELDS = 2;
export const MISSING_ID = 4;
export const IMPOSSIBLE_DATE = 8;
export const CREATED_AFTER_UPDATE = 16;
export const NEGATIVE_EMPLOYEES = 32;
export const UNREADABLE_BUDGET = 64;
export const NEGATIVE_VISITS = 128;
export const STRUCTURAL = TOO_FEW_FIELDS | TOO_MANY_FIELDS;
export const REJECTED = 255;
export const CORRECTION = 256;
export const REVISION = 512;
export const STALE = 1024;
export const REPEAT = 2048;
/** The valid row is not the one of its lead that stays. */
export const DROPPED = 4096;

interface Defect {
  readonly bit: number;
  readonly id: string;
  readonly reason?: Reason;
  readonly column?: LeadColumn;
}

/** Every defect with its name in the ledger. */
export const DEFECTS: readonly Defect[] = [
  { bit: TOO_FEW_FIELDS, id: "too-few-fields", reason: "structural" },
  { bit: TOO_MANY_FIELDS, id: "too-many-fields", reason: "structural" },
  { bit: MISSING_ID, id: "missing-id", reason: "missing-id", column: "lead_id" },
  { bit: IMPOSSIBLE_DATE, id: "impossible-date", reason: "impossible-date", column: "created" },
  {
    bit: CREATED_AFTER_UPDATE,
    id: "created-after-update",
    reason: "created-after-update",
    column: "created",
  },
  { bit: NEGATIVE_EMPLOYEES, id: "negative-employees", reason: "negative-employees", column: "employees" },
  { bit: UNREADABLE_BUDGET, id: "unreadable-budget", reason: "unreadable-budget", column: "budget" },
  { bit: NEGATIVE_VISITS, id: "negative-visits", reason: "negative-visits", column: "visits" },
  { bit: CORRECTION, id: "duplicate-correction", column: "updated_at" },
  { bit: REVISION, id: "duplicate-revision", column: "revision" },
  { bit: STALE, id: "duplicate-stale", column: "updated_at" },
  { bit: REPEAT, id: "duplicate-repeat", column: "lead_id" },
  { bit: DROPPED, id: "dropped-duplicate", column: "lead_id" },
];

/** Harmless dirt, as bits: it must be cleaned, never rejected. The position is the index in DIRT. */
export const CREATED_SLASHES = 1;
export const CREATED_DOTS = 2;
export const SOURCE_PADDED = 4;
export const SOURCE_RECASED = 8;
export const COUNTRY_RECASED = 16;
export const BUDGET_DECIMAL_COMMA = 32;
export const BUDGET_THOUSANDS = 64;
export const MINUTES_DECIMAL_COMMA = 128;
export const NULL_WORD = 256;
export const LABEL_WORD = 512;
export const NOTES_QUOTED = 1024;
export const NOTES_NEWLINE = 2048;

/** Names of the dirt bits in the ledger: rows that have it, torn rows aside. */
export const DIRT = [
  "created-slashes",
  "created-dots",
  "source-padded",
  "source-recased",
  "country-recased",
  "budget-decimal-comma",
  "budget-thousands",
  "minutes-decimal-comma",
  "null-word",
  "label-word",
  "notes-quoted",
  "notes-newline",
] as const;
