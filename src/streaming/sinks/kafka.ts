import { cellOf, type Table } from "../../core/table.ts";
import type { ByteColumn, TopicLog } from "../../services/kafka/topic-log.ts";
import { columnNamed } from "../evaluate.ts";
import { RowWriter } from "../state/row-bytes.ts";
import { hashBytes } from "../state/slots.ts";
import { ALL_MODES, type StreamSink } from "./sink.ts";

/**
 * Records of a topic, at least once: a batch that comes again after a crash is written again (rule 16). The value is
 * the column `value`, or, without one, the whole row as a JSON object; the key is the column `key` names, and rows of
 * one key go to one partition, in order.
 */
export function kafkaSink(options: {
  readonly log: TopicLog;
  readonly topic: string;
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}): StreamSink {
  const { log, topic } = options;
  return {
    description: `KafkaSink[${topic}]`,
    modes: ALL_MODES,
    async write({ table, signal }) {
      if (table.rowCount === 0) return;
      const partitions = await log.partitions(topic);
      const values = options.value === undefined ? jsonTexts(table) : textsOf(table, options.value);
      const keys = options.key === undefined ? undefined : textsOf(table, options.key);
      const rows = byPartition(table, options.key, partitions.length);
      for (const [i, own] of rows.entries()) {
        const partition = partitions[i];
        if (own.length === 0 || partition === undefined) continue;
        const records = {
          count: own.length,
          values: bytesOf(values, own),
          ...(keys === undefined ? {} : { keys: bytesOf(keys, own) }),
        };
        await log.append(topic, partition, records, { signal });
      }
    },
  };
}

/** The rows of each partition: by a hash of the key, or in turn. */
function byPartition(table: Table, key: string | undefined, partitions: number): number[][] {
  const rows: number[][] = Array.from({ length: partitions }, () => []);
  const column = key === undefined ? undefined : columnNamed(table, key);
  const writer = new RowWriter();
  for (let row = 0; row < table.rowCount; row++) {
    let partition = row % partitions;
    if (column !== undefined) {
      writer.clear();
      writer.write(column, row);
      partition = (hashBytes(writer.bytes, 0, writer.length) >>> 0) % partitions;
    }
    rows[partition]?.push(row);
  }
  return rows;
}

/** Each row as a JSON object: decimals and 64-bit integers beyond 2⁵³ as text, times as ISO text. */
function jsonTexts(table: Table): (string | undefined)[] {
  const names = table.fields.map((field) => JSON.stringify(field.name));
  return Array.from({ length: table.rowCount }, (_, row) => {
    const parts = table.fields.map((field, i) => {
      const column = table.columns[i];
      const cell = column === undefined ? null : cellOf(field, column, row);
      if (typeof cell === "bigint") {
        const isSafe = cell <= Number.MAX_SAFE_INTEGER && cell >= Number.MIN_SAFE_INTEGER;
        return `${names[i]}:${isSafe ? cell : `"${cell}"`}`;
      }
      if (column?.kind === "timestamp" && typeof cell === "string")
        return `${names[i]}:"${cell.replace(" ", "T")}Z"`;
      return `${names[i]}:${JSON.stringify(cell)}`;
    });
    return `{${parts.join(",")}}`;
  });
}

/** A column as texts; undefined for null. */
function textsOf(table: Table, name: string): (string | undefined)[] {
  const column = columnNamed(table, name);
  const field = table.fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
  return Array.from({ length: table.rowCount }, (_, row) => {
    const cell = field === undefined ? null : cellOf(field, column, row);
    return cell === null ? undefined : String(cell);
  });
}

function bytesOf(texts: readonly (string | undefined)[], rows: readonly number[]): ByteColumn {
  const chosen = rows.map((row) => texts[row]);
  const bytes = Buffer.from(chosen.map((text) => text ?? "").join(""));
  const starts = new Int32Array(rows.length);
  const ends = new Int32Array(rows.length);
  let at = 0;
  chosen.forEach((text, i) => {
    starts[i] = text === undefined ? -1 : at;
    at += text === undefined ? 0 : Buffer.byteLength(text);
    ends[i] = text === undefined ? -1 : at;
  });
  return { bytes, starts, ends };
}
