import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../src/core/effects.ts";
import { rowsOf, type Table } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { openEngine } from "../../src/engines/open.ts";
import { openPostgres } from "../../src/services/postgres/client.ts";
import { startPostgres } from "../../src/services/postgres/embedded/server.ts";
import { count, type DataStream, streamOf, window } from "../../src/streaming/data-stream.ts";
import { readStream } from "../../src/streaming/read-stream.ts";
import { committedFiles, filesSink, removeUncommitted } from "../../src/streaming/sinks/files.ts";
import { foreachBatchSink, type MemorySink, memorySink } from "../../src/streaming/sinks/memory.ts";
import { postgresSink } from "../../src/streaming/sinks/postgres.ts";
import type { StreamSink } from "../../src/streaming/sinks/sink.ts";
import { memorySource } from "../../src/streaming/sources/memory.ts";
import { FEED_FIELDS, feed, temporaryFolder } from "./feed.ts";

const root = await temporaryFolder();
const engine = await openEngine("duckdb", {});
afterAll(() => engine.close());
let folders = 0;
async function newFolder(): Promise<string> {
  const folder = join(root, `f${folders++}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Runs a query with the available-now trigger on a checkpoint. */
async function drain(
  stream: DataStream,
  checkpoint: string,
  sink: StreamSink,
  deadLetters?: StreamSink,
): Promise<void> {
  const writer = stream.writeStream.trigger({ availableNow: true }).checkpointLocation(checkpoint).to(sink);
  await (deadLetters === undefined ? writer : writer.deadLettersTo(deadLetters)).start().awaitTermination();
}

/** A sink that writes and then throws in one batch, once: the crash between sink and commit. */
function failingOnce(sink: StreamSink, batchId: number): StreamSink {
  let isDone = false;
  return {
    ...sink,
    async write(batch) {
      await sink.write(batch);
      if (batch.batchId !== batchId || isDone) return;
      isDone = true;
      throw new Error("killed between sink and commit");
    },
  };
}

const ids = (table: Table): unknown[] => rowsOf(table).map((row) => row.id);

describe("the source of files", () => {
  const schema = [
    { name: "id", type: { kind: "int64" as const }, isRequired: true },
    { name: "name", type: { kind: "string" as const } },
  ];
  const put = async (folder: string, name: string, text: string): Promise<void> => {
    await writeFile(join(folder, `.${name}`), text);
    await rename(join(folder, `.${name}`), join(folder, name));
  };

  it("reads each file once, oldest first, at most so many a batch, over restarts too", async () => {
    const [folder, checkpoint] = [await newFolder(), await newFolder()];
    const stream = (): DataStream =>
      readStream.files({ path: folder, schema, format: { kind: "json" }, maxFilesPerTrigger: 2 });
    for (let i = 0; i < 5; i++) await put(folder, `${i}.json`, `{"id":${i}}\n`);
    const sink = memorySink();
    await drain(stream(), checkpoint, sink);
    expect([...sink.batches.values()].map((table) => table.rowCount)).toEqual([2, 2, 1]);
    await put(folder, "5.json", '{"id":5}');
    const later = memorySink();
    await drain(stream(), checkpoint, later);
    expect(ids(later.table())).toEqual([5n]);
  });

  it("compacts its log of seen files every ten", async () => {
    const [folder, checkpoint] = [await newFolder(), await newFolder()];
    for (let i = 0; i < 23; i++) await put(folder, `${i}.json`, `{"id":${i}}\n`);
    const stream = (): DataStream =>
      readStream.files({ path: folder, schema, format: { kind: "json" }, maxFilesPerTrigger: 1 });
    const sink = memorySink();
    await drain(stream(), checkpoint, sink);
    expect((await readdir(join(checkpoint, "sources", "0"))).sort()).toEqual([
      "19.compact",
      "20",
      "21",
      "22",
    ]);
    const again = memorySink();
    await drain(stream(), checkpoint, again);
    expect(again.batches.size).toBe(0);
  });

  it("lines that do not fit are dead letters, with file, line, reason and bytes; the counts add up", async () => {
    const [folder, checkpoint] = [await newFolder(), await newFolder()];
    await put(folder, "a.json", '{"id":1}\r\n\nnot json\n{"id":"x"}\n{"name":"n"}\n{"id":2}');
    const [sink, dead] = [memorySink(), memorySink()];
    const query = readStream
      .files({ path: folder, schema, format: { kind: "json" } })
      .writeStream.trigger({ availableNow: true })
      .checkpointLocation(checkpoint)
      .to(sink)
      .deadLettersTo(dead)
      .start();
    await query.awaitTermination();
    expect(ids(sink.table())).toEqual([1n, 2n]);
    expect(rowsOf(dead.table()).map((row) => [row.offset, row.reason, row.raw])).toEqual([
      [3n, "no JSON object", "not json"],
      [4n, '"id" is no whole number', '{"id":"x"}'],
      [5n, '"id" is missing', '{"name":"n"}'],
    ]);
    expect(query.lastProgress).toMatchObject({ numInputRows: 5, deadLetterRows: 3 });
  });

  it("reads Parquet and CSV by the engine", async () => {
    const folder = await newFolder();
    await engine.writeParquet("SELECT 7::BIGINT AS id, 'x' AS name", {
      path: join(folder, "a.parquet"),
      singleFile: true,
    });
    const parquet = memorySink();
    await drain(
      readStream.files({ path: folder, schema, format: { kind: "parquet", engine } }),
      await newFolder(),
      parquet,
    );
    expect(rowsOf(parquet.table())).toEqual([{ id: 7n, name: "x" }]);
    const lines = await newFolder();
    await put(lines, "a.csv", "id,name\n1,a\nx,b\n");
    const [csv, dead] = [memorySink(), memorySink()];
    const dialect = { delimiter: ",", quote: '"', escape: '"', hasHeader: true };
    await drain(
      readStream.files({ path: lines, schema, format: { kind: "csv", engine, dialect } }),
      await newFolder(),
      csv,
      dead,
    );
    expect(rowsOf(csv.table())).toEqual([{ id: 1n, name: "a" }]);
    expect(dead.table().rowCount).toBe(1);
  });
});

describe("the sources for trying", () => {
  it("rate counts up from a start that a restart remembers", async () => {
    const [checkpoint, clock] = [await newFolder(), fixedClock(1_000_000)];
    const run = async (): Promise<MemorySink> => {
      const sink = memorySink();
      const query = readStream
        .rate({ rowsPerSecond: 3, clock })
        .writeStream.checkpointLocation(checkpoint)
        .to(sink)
        .start();
      await query.processAllAvailable();
      clock.advance(2_000);
      await query.processAllAvailable();
      await query.stop();
      return sink;
    };
    const values = (sink: MemorySink): unknown[] => rowsOf(sink.table()).map((row) => row.value);
    expect(values(await run())).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
    const again = await run();
    expect(values(again)).toEqual([6n, 7n, 8n, 9n, 10n, 11n]);
    expect(rowsOf(again.table())[0]).toMatchObject({ timestamp: "1970-01-01 00:16:42" });
  });

  it("socket reads lines, whole characters, and forgets what is committed", async () => {
    const clients: Socket[] = [];
    const server = createServer((client) => clients.push(client));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const sink = memorySink();
    const query = readStream.socket({ host: "127.0.0.1", port }).writeStream.to(sink).start();
    const until = async (rows: number): Promise<void> => {
      for (const end = Date.now() + 10_000; sink.table().rowCount < rows && Date.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (const end = Date.now() + 10_000; clients.length === 0 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 5));
    const bytes = Buffer.from("uno\r\nñandú\nhalf");
    clients[0]?.write(bytes.subarray(0, 6));
    clients[0]?.write(bytes.subarray(6));
    await until(2);
    clients[0]?.write(" a line\n");
    await until(3);
    await query.stop();
    expect(rowsOf(sink.table()).map((row) => row.value)).toEqual(["uno", "ñandú", "half a line"]);
    for (const client of clients) client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it("socket says when nobody is there", async () => {
    const query = readStream.socket({ host: "127.0.0.1", port: 1 }).writeStream.to(memorySink()).start();
    await expect(query.awaitTermination()).rejects.toMatchObject({ code: "socket-unreachable" });
  });
});

describe("rule 16: delivery", () => {
  const source = (): ReturnType<typeof memorySource> => {
    const one = memorySource(FEED_FIELDS, { feedsPerTrigger: 1 });
    for (let i = 0; i < 25; i++) one.add(feed([i, `k${i % 3}`, i]));
    return one;
  };

  it("files: every row exactly once, though a batch comes again; the manifest is compacted", async () => {
    const [folder, checkpoint, feeds] = [await newFolder(), await newFolder(), source()];
    const sink = failingOnce(filesSink({ engine, path: folder }), 12);
    await expect(drain(streamOf(feeds), checkpoint, sink)).rejects.toThrow("killed");
    await drain(streamOf(feeds), checkpoint, sink);
    const files = await committedFiles(folder);
    const paths = files.map((file) => join(folder, file.path));
    await engine.register("written", { kind: "parquet", paths });
    const { columns } = await engine.query("SELECT count(*) AS n, count(DISTINCT value) AS d FROM written");
    expect(columns.map((column) => column.kind === "int64" && column.values[0])).toEqual([25n, 25n]);
    expect((await readdir(join(folder, "_spark_metadata"))).sort()).toEqual([
      "19.compact",
      "20",
      "21",
      "22",
      "23",
      "24",
    ]);
  });

  it("files: what a kill left without a manifest is not there, and can be removed", async () => {
    const [folder, checkpoint, feeds] = [await newFolder(), await newFolder(), source()];
    await drain(streamOf(feeds), checkpoint, filesSink({ engine, path: folder }));
    await engine.writeParquet("SELECT 1 AS x", {
      path: join(folder, "part-00099-killed.parquet"),
      singleFile: true,
    });
    expect((await committedFiles(folder)).length).toBe(25);
    expect(await removeUncommitted(folder)).toBe(1);
    expect((await readdir(folder)).filter((name) => name.endsWith(".parquet")).length).toBe(25);
  });

  it("files: refuse other modes than append", () => {
    const counted = streamOf(source()).groupBy("key").count();
    const writer = counted.writeStream.outputMode("update").to(filesSink({ engine, path: "/nowhere" }));
    expect(() => writer.start()).toThrow(/append/);
  });

  it("foreachBatch: at least once, and the batch id is what a sink can tell by", async () => {
    const [checkpoint, feeds] = [await newFolder(), source()];
    const calls: number[] = [];
    const sink = failingOnce(
      foreachBatchSink((_, batchId) => {
        calls.push(batchId);
      }),
      3,
    );
    await expect(drain(streamOf(feeds), checkpoint, sink)).rejects.toThrow("killed");
    await drain(streamOf(feeds), checkpoint, sink);
    expect(calls.filter((id) => id === 3)).toHaveLength(2);
    expect(new Set(calls).size).toBe(25);
  });

  it("PostgreSQL: every row exactly once, by query and batch id in the rows' own transaction", async () => {
    const server = await startPostgres({ folder: await newFolder(), port: 0 });
    const database = await openPostgres({ url: server.url });
    try {
      const [checkpoint, feeds] = [await newFolder(), source()];
      const sink = failingOnce(postgresSink({ database, table: "rows" }), 12);
      await expect(drain(streamOf(feeds), checkpoint, sink)).rejects.toThrow("killed");
      await drain(streamOf(feeds), checkpoint, sink);
      const { rows } = await database.query(
        "SELECT count(*) AS n, count(DISTINCT value) AS d, min(ts) AS first FROM rows",
      );
      expect(rows).toEqual([{ n: 25n, d: 25n, first: "1970-01-01T00:00:00Z" }]);
      const counted = streamOf(feeds)
        .groupBy(window("ts", "10 seconds"))
        .agg(count())
        .select("window.start", "count");
      const upserts = postgresSink({ database, table: "counts", key: ["start"] });
      const query = counted.writeStream
        .outputMode("update")
        .trigger({ availableNow: true })
        .to(upserts)
        .start();
      await query.awaitTermination();
      const counts = await database.query<{ count: bigint }>("SELECT count FROM counts ORDER BY start");
      expect(counts.rows.map((row) => row.count)).toEqual([10n, 10n, 5n]);

      // A query's rows and its dead letters, or two tables of a foreachBatch: the same batch, twice.
      const [one, two] = ["one", "two"].map((table) => postgresSink({ database, table }));
      const batch = {
        queryId: "q",
        batchId: 0,
        mode: "append",
        signal: new AbortController().signal,
      } as const;
      const table = tableFromRows(fieldsOf({ n: { kind: "int32" } }), [{ n: 1 }]);
      for (const sink of [one, two, one, two]) {
        await sink?.open?.({ queryId: "q" });
        await sink?.write({ ...batch, table });
      }
      const both = await database.query(
        "SELECT (SELECT count(*) FROM one) AS one, (SELECT count(*) FROM two) AS two",
      );
      expect(both.rows).toEqual([{ one: 1n, two: 1n }]);
    } finally {
      await database.close();
      await server.close();
    }
  });
});
