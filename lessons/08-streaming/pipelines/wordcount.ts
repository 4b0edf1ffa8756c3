import {
  columnOf,
  type DataStream,
  definePipeline,
  type QueryProgress,
  socketSource,
  streamOf,
  stringAt,
  type Table,
} from "taller/author";
import { z } from "zod";
import { showBatch } from "./aggregations/show.ts";
import { type LineServer, serveLines } from "./wordcount/line-server.ts";
import { QUIJOTE } from "./wordcount/quijote.ts";

const options = z.object({
  host: z
    .string()
    .default("127.0.0.1")
    .describe("quién envía las líneas, con --port | who sends the lines, with --port"),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe(
      "su puerto; sin él, envío yo el comienzo del Quijote | its port; without, I send the beginning of Don Quijote",
    ),
  linesPerSecond: z.coerce.number().positive().default(2).describe("ritmo, si envío yo | pace, if I send"),
  top: z.coerce.number().int().min(1).default(8).describe("palabras que se enseñan | words shown"),
});

export default definePipeline({
  id: "wordcount",
  title: { es: "Contar palabras de una corriente", en: "Count the words of a stream" },
  options,
  reads: [],
  writes: [],
  services: [],
  start: () => ({ server: undefined as LineServer | undefined, reports: [] as QueryProgress[] }),
  steps: [
    {
      id: "listen",
      title: { es: "Quién envía las líneas", en: "Who sends the lines" },
      run: async ({ state, options, signal, emit }) => {
        if (options.port === undefined) {
          state.server = await serveLines({ lines: QUIJOTE, linesPerSecond: options.linesPerSecond, signal });
        }
        const where = `${options.host}:${options.port ?? state.server?.port}`;
        emit({ kind: "note", text: { es: `Líneas de ${where}`, en: `Lines from ${where}` } });
      },
    },
    {
      id: "count",
      title: { es: "La cuenta, lote a lote", en: "The count, batch by batch" },
      run: async ({ state, options, signal, emit }) => {
        const { server, reports } = state;
        const port = options.port ?? server?.port ?? 0;
        let result: Table | undefined;
        const query = topWords(streamOf(socketSource({ host: options.host, port })), options.top)
          .writeStream.queryName("wordcount")
          // The whole count each time: only so can it be sorted, and only as long as all words fit in memory.
          .outputMode("complete")
          .trigger({ processingTime: "1 second" })
          .foreachBatch((table) => {
            result = table;
          })
          .settings({
            onProgress: (progress) => {
              reports.push(progress);
              if (result !== undefined) showBatch(emit, progress, result);
            },
          })
          .start();
        signal.addEventListener("abort", () => void query.stop(), { once: true });
        try {
          if (server === undefined) await query.awaitTermination();
          else {
            await server.sent;
            await query.processAllAvailable();
          }
        } finally {
          await query.stop();
          await server?.close();
        }
      },
    },
  ],
  report: ({ state: { reports } }) => {
    const read = reports.reduce((sum, one) => sum + one.numInputRows, 0);
    const words = reports.at(-1)?.stateOperators[0]?.numRowsTotal ?? 0;
    return { rows: { read, processed: read, late: 0, duplicates: 0, deadLetters: 0 }, words };
  },
});

/** The words that came most often so far. There is no time in it: every word of ever is in the state. */
function topWords(lines: DataStream, top: number): DataStream {
  return lines
    .mapTables({ word: { kind: "string" } }, wordsOf)
    .groupBy("word")
    .count()
    .orderBy({ column: "count", descending: true }, "word")
    .limit(top);
}

/** A row a word, in lower case and without its punctuation. */
function wordsOf(lines: Table): Table {
  const { column } = columnOf(lines, "value");
  const words: string[] = [];
  for (let row = 0; row < lines.rowCount; row++)
    words.push(...((stringAt(column, row) ?? "").toLowerCase().match(/\p{L}+/gu) ?? []));
  return {
    fields: [{ name: "word", type: { kind: "string" }, nullable: false }],
    columns: [{ kind: "string", values: words }],
    rowCount: words.length,
  };
}
