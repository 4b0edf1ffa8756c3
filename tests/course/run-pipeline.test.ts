import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import { rowsOf } from "../../src/core/table.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { acquireLock } from "../../src/course/file-lock.ts";
import { tableSource } from "../../src/course/lesson-session.ts";
import { loadPipeline } from "../../src/course/load.ts";
import { parsePipelineOptions, pipelineFlags } from "../../src/course/pipeline-options.ts";
import { type OpenService, type RunPipelineInput, runPipeline } from "../../src/course/run-pipeline.ts";
import { workspaceDirs } from "../../src/course/workspace.ts";
import { openEngine } from "../../src/engines/open.ts";
import { copyToy, tempFolder, toyRoot } from "./toy.ts";

/** A pipeline that writes a table, and one that reads it. */
const MAKER = `import { definePipeline } from "taller/author";
import { join } from "node:path";
import { z } from "zod";
export default definePipeline({
  id: "make-ones",
  title: { es: "Hacer unos", en: "Make ones" },
  options: z.object({ rows: z.coerce.number().int().default(3).describe("rows") }),
  reads: [],
  writes: ["ones"],
  services: [],
  start: async (context) => ({ engine: await context.openEngine() }),
  steps: [
    {
      id: "write",
      title: { es: "Escribe", en: "Write" },
      run: async ({ state, options, dirs, signal }) => {
        await state.engine.writeParquet("SELECT 1 AS one FROM range(" + options.rows + ")", { path: join(dirs.tables, "ones") }, { signal });
      },
    },
    {
      id: "look",
      title: { es: "Mira", en: "Look" },
      run: async ({ dirs, emit, signal }) => {
        emit({ kind: "note", text: { es: dirs.scratch, en: dirs.scratch } });
        signal.throwIfAborted();
      },
    },
  ],
  report: ({ options }) => ({ rows: { read: options.rows, valid: options.rows, rejected: 0, duplicates: 0 } }),
});
`;
const READER = MAKER.replace("make-ones", "read-ones")
  .replace("reads: []", 'reads: ["ones"]')
  .replace('writes: ["ones"]', "writes: []")
  .replace(/await state\.engine\.writeParquet.*/, "");

async function openRun(pipeline: string, options: Record<string, string> = {}) {
  const root = await copyToy();
  await writeFile(join(root, "01-toy", "pipelines", "make-ones.ts"), MAKER);
  await writeFile(join(root, "01-toy", "pipelines", "read-ones.ts"), READER);
  const dirs = workspaceDirs(join(await tempFolder(), "ws"));
  const events: WorkEvent[] = [];
  const stop = new AbortController();
  const input: RunPipelineInput = {
    course: await discoverCourse(root),
    pipeline,
    options,
    dirs,
    clock: systemClock,
    signal: stop.signal,
    emit: (event) => events.push(event),
    openEngine: (engine) => openEngine("duckdb", engine),
  };
  return { input, dirs, events, stop, root };
}

const noteTexts = (events: readonly WorkEvent[]) =>
  events.flatMap((event) => (event.kind === "note" || event.kind === "warning" ? [event.text.en] : []));

test("a pipeline runs its steps in order and reports", async () => {
  const { input, events } = await openRun("count", { rows: "12" });
  const run = await runPipeline(input);

  expect(run).toMatchObject({ pipeline: "count", options: { rows: 12 }, produced: [] });
  expect(run.report?.rows).toEqual({ read: 12, valid: 12, rejected: 0, duplicates: 0 });
  expect(events.map((event) => event.kind)).toEqual(["step-started", "table", "step-finished"]);
});

test("a table that is missing is made first by its producer, and that is said; the next run finds it", async () => {
  const { input, dirs, events } = await openRun("read-ones");
  const run = await runPipeline(input);
  expect(run.produced).toEqual([{ table: "ones", pipeline: "make-ones" }]);
  expect(noteTexts(events)[0]).toBe(
    'The table "ones" is missing: "make-ones" makes it first, with its defaults.',
  );
  expect((await readdir(join(dirs.tables, "ones"))).join()).toMatch(/\.parquet/);

  expect((await runPipeline(input)).produced).toEqual([]);
});

test("scratch and locks are gone when a run ends, fails or is stopped", async () => {
  const { input, dirs, events, stop } = await openRun("make-ones");
  const scratchOf = () =>
    events.flatMap((event) => (event.kind === "note" ? [event.text.en] : [])).at(-1) ?? "";
  await runPipeline(input);
  expect(scratchOf()).toContain(join(dirs.tables, ".scratch", "make-ones."));
  const emit = (event: WorkEvent) => {
    if (event.kind === "step-finished" && event.step === "write") stop.abort();
  };

  await expect(runPipeline({ ...input, emit })).rejects.toMatchObject({ name: "CancelledError" });
  expect(await readdir(join(dirs.tables, ".scratch"))).toEqual([]);
  expect(await readdir(join(dirs.tables, ".locks"))).toEqual([]);
});

test("services are opened by name, only those that are named, and left after their clients when the run ends or fails", async () => {
  const root = await copyToy();
  const opening = MAKER.replace("make-ones", "open-kafka")
    .replace('writes: ["ones"]', "writes: []")
    .replace("services: []", 'services: ["kafka"]')
    .replace(
      "engine: await context.openEngine()",
      'kafka: await context.openService(context.options.rows === 3 ? "kafka" : "postgres"), client: context.closeAtEnd({ close: async () => context.emit({ kind: "note", text: { es: "left", en: "left" } }) })',
    )
    .replace(
      /await state\.engine\.writeParquet.*/,
      'if (state.kafka.brokers[0] !== "there:1") throw new Error();',
    );
  await writeFile(join(root, "01-toy", "pipelines", "open-kafka.ts"), opening);
  const { input } = await openRun("count");
  const opened: string[] = [];
  const openService = async (name: string) => {
    opened.push(`+${name}`);
    const close = async () => void opened.push(`-${name}`);
    return { address: { brokers: ["there:1"] }, close };
  };
  const course = await discoverCourse(root);
  const found = (options: Record<string, string>, signal = input.signal) =>
    runPipeline({
      ...{ ...input, course, pipeline: "open-kafka", options, signal },
      openService: openService as unknown as OpenService,
      emit: (event) => {
        if (event.kind === "note" && event.text.en === "left") opened.push("-client");
      },
    });
  await found({});
  expect(opened).toEqual(["+kafka", "-client", "-kafka"]);
  await expect(found({}, AbortSignal.abort())).rejects.toMatchObject({ name: "CancelledError" });
  expect(opened.slice(3)).toEqual(["+kafka", "-client", "-kafka"]);
  await expect(found({ rows: "4" })).rejects.toThrow(/opens postgres, which its `services` do not name/);
  expect(opened).toHaveLength(6);
});

test("a run ends at the step that is asked for, without a report", async () => {
  const { input, events } = await openRun("make-ones");
  const run = await runPipeline({ ...input, untilStep: "write" });

  expect(run.report).toBeUndefined();
  expect(events.filter((event) => event.kind === "step-started")).toHaveLength(1);
  await expect(runPipeline({ ...input, untilStep: "wirte" })).rejects.toMatchObject({
    fault: "usage",
    next: [expect.objectContaining({ en: 'Did you mean "write"?' })],
  });
});

test("a run on a table that is being written says who writes it, and waits", async () => {
  const { input, dirs, events } = await openRun("make-ones");
  const release = await acquireLock({ path: join(dirs.tables, ".locks", "ones.lock"), task: "other" });
  const emit = (event: WorkEvent) => {
    events.push(event);
    if (event.kind === "warning") release();
  };
  const run = await runPipeline({ ...input, emit });

  expect(noteTexts(events)[0]).toContain(`"other" (process ${process.pid}) is writing the table "ones"`);
  expect(run.report?.rows.read).toBe(3);
});

test("two runs at once write one whole table", async () => {
  const { input, dirs } = await openRun("make-ones");
  const runs = await Promise.all(["3", "5"].map((rows) => runPipeline({ ...input, options: { rows } })));
  const engine = await openEngine("duckdb");
  await engine.register("ones", await tableSource(join(dirs.tables, "ones")));
  const rows = rowsOf(await engine.query("SELECT count(*) AS n FROM ones"));
  await engine.close();

  expect(runs).toHaveLength(2);
  expect([3, 5]).toContain(Number(rows[0]?.n));
});

test("a table that no pipeline makes is said", async () => {
  const { input, root } = await openRun("read-ones");
  await writeFile(join(root, "01-toy", "pipelines", "read-ones.ts"), READER.replace('["ones"]', '["twos"]'));

  await expect(runPipeline(input)).rejects.toMatchObject({ code: "no-producer" });
});

test("a producer that does not write what it declares is an author's mistake with its file", async () => {
  const { input, root } = await openRun("read-ones");
  const file = join(root, "01-toy", "pipelines", "make-ones.ts");
  await writeFile(file, MAKER.replace('"ones") }', '"others") }'));

  await expect(runPipeline(input)).rejects.toMatchObject({ code: "table-not-written", where: file });
});

test("pipelines that need each other's tables are refused, not run for ever", async () => {
  const { input, root, dirs } = await openRun("read-ones");
  await mkdir(dirs.tables, { recursive: true });
  const pipelines = join(root, "01-toy", "pipelines");
  await writeFile(join(pipelines, "make-ones.ts"), MAKER.replace("reads: []", 'reads: ["twos"]'));
  await writeFile(join(pipelines, "read-ones.ts"), READER.replace("writes: []", 'writes: ["twos"]'));

  await expect(runPipeline(input)).rejects.toMatchObject({ code: "no-producer" });
});

test("a pipeline's options are flags with kinds, defaults and choices", async () => {
  const root = await copyToy();
  const file = join(root, "01-toy", "pipelines", "flags.ts");
  const text = (await readFile(join(toyRoot, "01-toy", "pipelines", "count.ts"), "utf8"))
    .replace('id: "count"', 'id: "flags"')
    .replace(
      "const options = z.object({",
      `const options = z.object({
  partitionBy: z.string().optional().describe("a column"),
  codec: z.enum(["snappy", "zstd"]).default("zstd").describe("how"),
  dryRun: z.boolean().default(false).describe("only the plan"),
  input: z.string().describe("a file"),`,
    );
  await writeFile(file, text);
  const pipeline = await loadPipeline(file);

  expect(pipelineFlags(pipeline)).toEqual([
    { key: "partitionBy", flag: "partition-by", kind: "text", description: "a column", isRequired: false },
    {
      key: "codec",
      flag: "codec",
      kind: "text",
      description: "how",
      isRequired: false,
      defaultValue: "zstd",
      choices: ["snappy", "zstd"],
    },
    {
      key: "dryRun",
      flag: "dry-run",
      kind: "boolean",
      description: "only the plan",
      isRequired: false,
      defaultValue: false,
    },
    { key: "input", flag: "input", kind: "text", description: "a file", isRequired: true },
    {
      key: "rows",
      flag: "rows",
      kind: "number",
      description: "how many rows to count",
      isRequired: false,
      defaultValue: 10,
    },
  ]);
  expect(parsePipelineOptions(pipeline, { "dry-run": "true", input: "a.csv", rows: "5" })).toEqual({
    dryRun: true,
    input: "a.csv",
    rows: 5,
    codec: "zstd",
  });
  const usage = { fault: "usage" };
  expect(() => parsePipelineOptions(pipeline, { input: "a", codec: "lzo" })).toThrow(
    expect.objectContaining({ ...usage, message: expect.stringMatching(/^--codec/) }),
  );
  expect(() => parsePipelineOptions(pipeline, { input: "a", rows: "many" })).toThrow(
    expect.objectContaining({ ...usage, message: expect.stringMatching(/^--rows/) }),
  );
  expect(() => parsePipelineOptions(pipeline, { input: "a", row: "1" })).toThrow(
    expect.objectContaining({
      ...usage,
      next: expect.arrayContaining([expect.objectContaining({ en: "Did you mean --rows?" })]),
    }),
  );
});
