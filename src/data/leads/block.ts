import { type Random, seededRandom } from "../../core/random.ts";
import type { ByteSink } from "./byte-sink.ts";
import { NOTE_NEWLINES } from "./cells.ts";
import { BLOCK_ROWS, columnsOf, type Variant } from "./columns.ts";
import * as defect from "./defects.ts";
import { age, below, correct, drawLead, drawOnboardingCalls, revise, type Version } from "./draw.ts";
import { writeRow } from "./row.ts";
import { tearRow } from "./tear.ts";
import { addBlock, type Totals } from "./totals.ts";

const DUPLICATE_SHARE = 0.03;
const TORN_SHARE = 0.004;
const DEFECTIVE_SHARE = 0.02;
/** Cumulative odds of the defects of one row; each draw adds one. */
const DEFECT_ODDS: readonly (readonly [number, number])[] = [
  [0.2, defect.MISSING_ID],
  [0.45, defect.UNREADABLE_BUDGET],
  [0.68, defect.IMPOSSIBLE_DATE],
  [0.8, defect.CREATED_AFTER_UPDATE],
  [0.91, defect.NEGATIVE_EMPLOYEES],
  [1, defect.NEGATIVE_VISITS],
];

/** A row as it was written. */
export interface Written {
  readonly version: Version;
  readonly start: number;
  readonly end: number;
  /** Physical lines above it in the batch. */
  readonly line: number;
  readonly lines: number;
  /** Bits of defects.ts; DROPPED is added when the block is complete. */
  defects: number;
  readonly dirt: number;
}

/** A lead of a block: a lead's rows all lie in one. */
export interface GeneratedLead {
  /** Of all its rows, rejected ones too. */
  readonly newest: Version;
  /** The row that a correct cleaning keeps; undefined when all of them are rejected. */
  readonly kept: Written | undefined;
}

/** What is known of a lead within its block. */
interface Lead {
  readonly first: Version;
  newest: Version;
  last: Written;
  /** The valid row that stays: highest `updated_at`, then highest revision. */
  kept: Written | undefined;
  hasStale: boolean;
}

export interface BlockOptions {
  readonly seed: number;
  readonly variant: Variant;
  readonly block: number;
  /** At most BLOCK_ROWS; a shorter block holds the first rows of the whole one. */
  readonly rows: number;
}

/**
 * Generates one block into the sink and counts it. Gives its flagged rows (defect or duplicate) in the order of
 * the file, its physical lines, and its leads in the order in which they first appear.
 * @param firstLine physical lines of the batch before this block.
 */
export function generateBlock(
  options: BlockOptions,
  sink: ByteSink,
  totals: Totals,
  firstLine: number,
): { flagged: { record: number; row: Written }[]; lines: number; leads: readonly GeneratedLead[] } {
  const random = seededRandom(options.seed, options.block);
  // A stream of its own, so that the variants are the same leads and differ in one column.
  const later = seededRandom(options.seed, options.block, 1);
  const isNoise = options.variant === "noise";
  const isLeaky = options.variant === "leaky";
  const columns = columnsOf(options.variant).length;
  const leads: Lead[] = [];
  const rows: Written[] = [];
  let line = firstLine;

  for (let row = 0; row < options.rows; row++) {
    const isDuplicate = random.chance(DUPLICATE_SHARE) && leads.length > 0;
    const known = isDuplicate ? leads[below(random, leads.length)] : undefined;
    const next = known === undefined ? undefined : again(random, known, isNoise);
    let written: Written;
    if (known !== undefined && next === undefined) {
      written = repeat(sink, known.last, line);
    } else {
      const version = next?.version ?? drawLead(random, options.block * BLOCK_ROWS + leads.length, isNoise);
      if (isLeaky) drawOnboardingCalls(later, version);
      written = write({ sink, random, version, isLeaky, columns, line, kind: next?.kind ?? 0 });
    }
    rows.push(written);
    line += written.lines;
    if (known === undefined) {
      leads.push({
        first: written.version,
        newest: written.version,
        last: written,
        kept: undefined,
        hasStale: false,
      });
    }
    keepNewest(known ?? leads[leads.length - 1], written);
  }
  addBlock(totals, rows, leads);
  const flagged: { record: number; row: Written }[] = [];
  rows.forEach((row, record) => {
    if (row.defects !== 0) flagged.push({ record, row });
  });
  return { flagged, lines: line - firstLine, leads };
}

/** A further version of a lead; undefined for an exact repeat of its last row. */
function again(random: Random, lead: Lead, isNoise: boolean): { version: Version; kind: number } | undefined {
  const odds = random.double();
  if (odds < 0.45) {
    const version = correct(random, lead.newest, isNoise);
    if (version !== undefined) return { version, kind: defect.CORRECTION };
  } else if (odds < 0.65) {
    return { version: revise(random, lead.newest, isNoise), kind: defect.REVISION };
  } else if (odds < 0.8 && !lead.hasStale) {
    lead.hasStale = true;
    return { version: age(random, lead.first, isNoise), kind: defect.STALE };
  }
  return undefined;
}

function write(input: {
  readonly sink: ByteSink;
  readonly random: Random;
  readonly version: Version;
  readonly isLeaky: boolean;
  readonly columns: number;
  readonly line: number;
  readonly kind: number;
}): Written {
  const { sink, random, version, line } = input;
  const start = sink.length;
  const fate = random.double();
  const defects = fate < TORN_SHARE || fate >= TORN_SHARE + DEFECTIVE_SHARE ? 0 : drawDefects(random);
  const dirt = writeRow({ sink, random, version, defects, isLeaky: input.isLeaky });
  const written = { version, start, line, defects: defects | input.kind, dirt, lines: 1, end: 0 };
  if (fate < TORN_SHARE) {
    written.defects |= tearRow(sink, random, start, input.columns);
    written.dirt = 0;
  } else if (version.note >= 0) {
    written.lines += NOTE_NEWLINES[version.note] ?? 0;
  }
  written.end = sink.length;
  return written;
}

/** One defect in three of four defective rows, up to three in the others. */
function drawDefects(random: Random): number {
  const many = random.double();
  let defects = 0;
  for (let left = many < 0.75 ? 1 : many < 0.95 ? 2 : 3; left > 0; left--) {
    const odds = random.double();
    defects |= DEFECT_ODDS.find(([limit]) => odds < limit)?.[1] ?? 0;
  }
  // One date can't be both.
  return (defects & defect.IMPOSSIBLE_DATE) !== 0 ? defects & ~defect.CREATED_AFTER_UPDATE : defects;
}

function repeat(sink: ByteSink, row: Written, line: number): Written {
  sink.reserve(row.end - row.start);
  const start = sink.length;
  sink.repeat(row.start, row.end);
  return { ...row, start, end: sink.length, line, defects: (row.defects & defect.REJECTED) | defect.REPEAT };
}

function keepNewest(lead: Lead | undefined, row: Written): void {
  if (lead === undefined) return;
  const { version } = row;
  lead.last = row;
  if (isNewer(version, lead.newest)) lead.newest = version;
  if ((row.defects & defect.REJECTED) !== 0) return;
  if (lead.kept === undefined || isNewer(version, lead.kept.version)) {
    if (lead.kept !== undefined) lead.kept.defects |= defect.DROPPED;
    lead.kept = row;
  } else {
    row.defects |= defect.DROPPED;
  }
}

/** An exact tie is not newer: the first of two equal rows stays. */
function isNewer(a: Version, b: Version): boolean {
  return a.updatedAt > b.updatedAt || (a.updatedAt === b.updatedAt && a.revision > b.revision);
}
