import { afterAll, describe, expect, test } from "vitest";
import { rowsOf, type Table } from "../../src/core/table.ts";
import { emptyTable, fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { defineExercise, type TsSubmission } from "../../src/grading/exercise.ts";
import { endPrestart, openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";
import { problemOf } from "./problem-of.ts";

const spec = defineExercise({
  kind: "ts",
  version: 1,
  files: ["clean.ts", "rules.ts"],
  exports: ["clean"],
  limits: { timeMs: 20_000 },
  checks: [],
  starterFails: "",
  wrong: {},
});

const rules = "export const rule = (x: number): boolean => x > 1;\n";

async function using<T>(
  source: string,
  use: (handle: TsSubmission, output: () => string) => Promise<T>,
  world: { clockMs?: number; seed?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const prepared = await prepareSubmission(spec, { "clean.ts": source, "rules.ts": rules });
  const opened = openSubmission({ spec, prepared, inputs: {}, ...world });
  try {
    return await use(opened.handle, opened.output);
  } finally {
    await opened.close();
    await prepared.close();
  }
}

const call = (source: string, ...args: unknown[]) => using(source, (s) => s.call("clean", ...args));

afterAll(endPrestart);

describe("kind ts", () => {
  test("a function's awaited result crosses as data", async () => {
    const source = `enum Kind { A }
      export async function clean(rows: number[]) {
        return { sum: BigInt(rows.reduce((a, b) => a + b, 0)), kind: Kind.A, at: new Date(5), set: new Set(["x"]) };
      }`;
    expect(await call(source, [1, 2, 3])).toEqual({ sum: 6n, kind: 0, at: new Date(5), set: new Set(["x"]) });
  });

  test("a table crosses both ways, and the learner's door is there", async () => {
    const table = tableFromRows(fieldsOf({ id: { kind: "int64" }, s: { kind: "string" } }), [
      { id: 1, s: "á" },
      { id: 2, s: null },
    ]);
    const source = `import { takeRows, type Table } from "taller";
      import { rule } from "./rules";
      export const clean = (table: Table) => rule(2) ? takeRows(table, [1, 0]) : undefined;`;
    expect(await call(source, table)).toEqual(
      tableFromRows(table.fields, [
        { id: 2, s: null },
        { id: 1, s: "á" },
      ]),
    );
  });

  test("a stream runs in the sandbox, with its checkpoint in the run's own folder", async () => {
    const source = `import { count, memorySink, memorySource, readStream, type Table, window } from "taller";
      import { readdirSync } from "node:fs";
      export async function clean(feeds: Table[]): Promise<[Table, string[]]> {
        const source = memorySource(feeds[0]?.fields ?? [], { feedsPerTrigger: 1 });
        for (const feed of feeds) source.add(feed);
        const sink = memorySink();
        const query = readStream.from(source)
          .withWatermark("ts", "10 seconds")
          .groupBy(window("ts", "10 seconds")).agg(count().as("n"))
          .select("window.start", "n")
          .writeStream.outputMode("append").trigger({ availableNow: true }).checkpointLocation("state").to(sink)
          .start();
        await query.awaitTermination();
        return [sink.table(), readdirSync("state").sort()];
      }`;
    const fields = fieldsOf({ ts: { kind: "timestamp" } });
    const feed = (...seconds: number[]) =>
      tableFromRows(
        fields,
        seconds.map((second) => ({ ts: new Date(second * 1000).toISOString() })),
      );
    const [windows, checkpoint] = (await call(source, [feed(1, 2, 11), feed(40), feed(3), feed(4, 60)])) as [
      Table,
      string[],
    ];
    // 3 comes when the windows up to 30 are still to be shown, 4 when they have been.
    expect(rowsOf(windows)).toEqual([
      { start: "1970-01-01 00:00:00", n: 3n },
      { start: "1970-01-01 00:00:10", n: 1n },
      { start: "1970-01-01 00:00:40", n: 1n },
    ]);
    expect(checkpoint).toEqual(["commits", "metadata", "offsets", "state"]);
    // Without a folder the checkpoint is temporary: in the run's folder too.
    expect(
      await call(source.replace('.checkpointLocation("state")', "").replace('"state"', '"."'), [feed(1)]),
    ).toEqual([emptyTable(windows.fields), expect.not.arrayContaining(["state"])]);
  });

  test("a syntax error has the line and column of the learner's file", async () => {
    expect(await problemOf(call('export const clean = 1;\nconst ñ = "é"; const = 2;'))).toMatchObject({
      kind: "syntax",
      file: "clean.ts",
      line: 2,
      column: 22,
    });
    expect(await problemOf(call('import { nope } from "taller";\nexport const clean = nope;'))).toMatchObject(
      {
        kind: "syntax",
        line: 1,
        column: 10,
      },
    );
  });

  test("an import that has no place in the sandbox is named, with its line", async () => {
    for (const name of ["lodash", "node:child_process", "node:net", "../../package.json", "/etc/passwd"]) {
      const source = `export const a: number = 1;\nimport * as it from "${name}";\nexport const clean = () => it;`;
      expect(await problemOf(call(source)), name).toEqual({
        kind: "refused",
        what: "import",
        message: name,
        file: "clean.ts",
        line: 2,
      });
    }
  });

  test("an exception has the line and column where the learner threw it", async () => {
    const source = `interface Row { x: number }

export function clean(rows: Row[]): number {
  return rows.map((row: Row) => check(row)).length;
}
function check(row: Row): number {
  if (row.x < 0) throw new RangeError("negative");
  return row.x;
}`;
    expect(await problemOf(call(source, [{ x: -1 }]))).toEqual({
      kind: "threw",
      message: "RangeError: negative",
      file: "clean.ts",
      line: 7,
      column: 24,
    });
  });

  test("an exception outside any call is told too", async () => {
    const source = `export const clean = async () => {
  setTimeout(() => { throw new Error("later"); }, 1);
  await new Promise(() => {});
};`;
    expect(await problemOf(call(source))).toMatchObject({ kind: "threw", message: "Error: later", line: 2 });
    expect(await problemOf(call('throw "text"; export const clean = 1;'))).toMatchObject({
      kind: "threw",
      message: "text",
    });
    expect(await problemOf(call("export const clean = (f: never) => clean(f);"))).toMatchObject({
      kind: "threw",
      message: "RangeError: Maximum call stack size exceeded",
    });
  });

  test("a missing export is named, with the functions that are there", async () => {
    const source = "export const tidy = () => 1;\nexport const clean = 2;";
    expect(await problemOf(call(source))).toEqual({ kind: "missing-export", name: "clean", found: ["tidy"] });
  });

  test("what is no data is named by its place", async () => {
    const of = (expression: string) =>
      problemOf(call(`class Model {}\nexport const clean = () => (${expression});`));
    expect(await of("{ rows: [1, () => 2] }")).toEqual({
      kind: "not-data",
      message: "result.rows[1]: function",
    });
    expect(await of("new Model()")).toEqual({ kind: "not-data", message: "result: Model" });
    expect(await of("(() => { const a: unknown[] = []; a.push(a); return a; })()")).toEqual({
      kind: "not-data",
      message: "result[0]: cycle",
    });
    expect(await of("new Uint8Array(70_000_000)")).toMatchObject({ kind: "not-data" });
  });

  test("the clock stands still and chance is seeded, timers are real", async () => {
    const source = `export async function clean() {
      const before = [Date.now(), new Date().toISOString(), Math.random(), crypto.randomUUID()];
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [...before, Date.now(), new Date(0).getTime(), new Date() instanceof Date, typeof Date(), Math.random()];
    }`;
    const clockMs = Date.UTC(2030, 0, 2);
    const ask = (seed: number) => using(source, (s) => s.call("clean"), { clockMs, seed });
    const first = await ask(1);
    expect(first).toEqual([
      clockMs,
      "2030-01-02T00:00:00.000Z",
      expect.any(Number),
      expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      clockMs,
      0,
      true,
      "string",
      expect.any(Number),
    ]);
    expect(await ask(1)).toEqual(first);
    expect(await ask(2)).not.toEqual(first);
  });

  test("the zone and the language are always the same", async () => {
    const source = `export const clean = () => [new Date(0).getTimezoneOffset(), (1234.5).toLocaleString(), Object.keys(process.env).sort()]`;
    expect(await call(source)).toEqual([0, "1,234.5", ["LC_ALL", "TALLER_RUN", "TEMP", "TMPDIR", "TZ"]]);
  });

  test("what it wrote outlives a kill, what it remembered does not", async () => {
    const source = `import { existsSync, readFileSync, writeFileSync } from "node:fs";
      let calls = 0;
      export function clean() {
        const stored = existsSync("count") ? Number(readFileSync("count", "utf8")) : 0;
        writeFileSync("count", String(stored + 1));
        return { stored, calls: calls++ };
      }`;
    const seen = await using(source, async (submission) => {
      const outcomes = [await submission.call("clean"), await submission.call("clean")];
      await submission.kill();
      outcomes.push(await submission.call("clean"));
      await submission.restart();
      return [...outcomes, await submission.call("clean")];
    });
    expect(seen).toEqual([
      { stored: 0, calls: 0 },
      { stored: 1, calls: 1 },
      { stored: 2, calls: 0 },
      { stored: 3, calls: 0 },
    ]);
  });

  test("what it prints is kept beside the answer", async () => {
    const source = `export const clean = () => { console.log("hello", { a: 1 }); console.error("oops"); return 1; };`;
    const seen = await using(source, async (submission, output) => {
      const answer = await submission.call("clean");
      await submission.kill();
      return { answer, printed: output() };
    });
    expect(seen.answer).toBe(1);
    expect(seen.printed).toContain("hello { a: 1 }");
    expect(seen.printed).toContain("oops");
  });

  test("a cancelled call ends at once, as cancelled, however early it is", async () => {
    for (const afterMs of [0, 5, 50, 400]) {
      const abort = new AbortController();
      const running = using("export const clean = () => { for (;;); };", (s) => s.call("clean"), {
        signal: abort.signal,
      });
      setTimeout(() => abort.abort(), afterMs);
      await expect(running).rejects.toMatchObject({ name: "CancelledError" });
    }
  });
});
