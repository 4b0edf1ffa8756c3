import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { diskError, renameOver, writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode, throwIfCancelled } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import type { MaterialiseOptions } from "../dataset.ts";
import { sweepLeftovers } from "../leads/sweep.ts";
import type { EventBatch } from "./batch.ts";
import { leadEvents } from "./lead-events.ts";
import { type EventsLedger, eventsLedgerOf, readEventsLedger } from "./ledger.ts";
import { LEAD_EVENTS_VERSION } from "./settings.ts";
import { addEventTotals, emptyEventTotals } from "./totals.ts";

const NEWLINE = 10;

export interface MaterialisedEvents {
  readonly paths: readonly string[];
  readonly ledgerPath: string;
  readonly sizeBytes: number;
}

/**
 * The first `rows` messages of a stream with its default settings, one a line, and their ledger beside them: those
 * that are there, or new ones. Throws UserError for options out of range, CancelledError; then nothing is left.
 */
export async function materialiseLeadEvents(
  options: MaterialiseOptions & { readonly rows: number; readonly seed: number },
): Promise<MaterialisedEvents> {
  const { rows, seed, folder } = options;
  const path = join(folder, `lead-events-r${rows}-s${seed}-v${LEAD_EVENTS_VERSION}.jsonl`);
  const ledgerPath = `${path}.ledger.json`;
  const there = await readMatching(path, ledgerPath, rows);
  if (there !== undefined) return { paths: [path], ledgerPath, sizeBytes: fileBytes(there) };

  await mkdir(folder, { recursive: true });
  await sweepLeftovers(folder, "lead-events-");
  const beside = join(folder, `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
  try {
    const ledger = await writeEvents(beside, { rows, seed, signal: options.signal, emit: options.emit });
    await renameOver(beside, path);
    // Last: a file with a ledger is complete.
    await writeFileAtomic(ledgerPath, `${JSON.stringify(ledger, null, 2)}\n`);
    return { paths: [path], ledgerPath, sizeBytes: fileBytes(ledger) };
  } catch (error) {
    await rm(beside, { force: true });
    throw diskError(error, path);
  }
}

/** Each message has a line end. */
function fileBytes(ledger: EventsLedger): number {
  return ledger.sizeBytes + ledger.messages;
}

async function readMatching(
  path: string,
  ledgerPath: string,
  rows: number,
): Promise<EventsLedger | undefined> {
  try {
    const ledger = await readEventsLedger(ledgerPath);
    const isSame = ledger.version === LEAD_EVENTS_VERSION && ledger.messages === rows;
    return isSame && (await stat(path)).size === fileBytes(ledger) ? ledger : undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function writeEvents(
  path: string,
  options: {
    readonly rows: number;
    readonly seed: number;
    readonly signal: AbortSignal | undefined;
    readonly emit: Emit | undefined;
  },
): Promise<EventsLedger> {
  const { rows, seed, signal, emit } = options;
  const stream = leadEvents({ seed });
  const task = { es: `genero eventos (semilla ${seed})`, en: `generating events (seed ${seed})` };
  const totals = emptyEventTotals();
  const file = await open(path, "wx");
  try {
    for (const batch of stream.batches({ to: rows })) {
      throwIfCancelled(signal);
      await writeAll(file, linesOf(batch));
      addEventTotals(totals, batch.totals);
      emit?.({ kind: "progress", task, done: totals.messages, total: rows, unit: "messages" });
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  return eventsLedgerOf(stream.settings, 0, totals);
}

/** The messages with a line end after each. */
function linesOf({ values, count, totals }: EventBatch): Uint8Array {
  const lines = new Uint8Array(totals.sizeBytes + count);
  let at = 0;
  for (let row = 0; row < count; row++) {
    const message = values.bytes.subarray(values.starts[row], values.ends[row]);
    lines.set(message, at);
    at += message.length;
    lines[at++] = NEWLINE;
  }
  return lines;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
