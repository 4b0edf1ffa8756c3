import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isNull, rowsOf, type Table } from "../../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../../src/core/table-build.ts";
import { openDiskCache } from "../../../src/grading/cache.ts";
import { loadInputs } from "../../../src/grading/cases/inputs.ts";
import { isJudgedOn, listCases } from "../../../src/grading/cases/list.ts";
import type { EdgeSpec, Exercise, InputSpec } from "../../../src/grading/exercise.ts";
import { readStream } from "../../data/lead-events/read.ts";

const dir = await mkdtemp(join(tmpdir(), "taller-inputs-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const generated: InputSpec = {
  generate: ({ seed, random, edge }) =>
    tableFromRows(
      [
        ...fieldsOf({ name: { kind: "string" }, x: { kind: "int32" } }),
        { name: "id", type: { kind: "int32" }, nullable: false },
      ],
      Array.from({ length: edge === "big" ? 9 : 3 }, (_, id) => ({
        id,
        name: `n${seed}`,
        x: random.below(1_000_000),
      })),
    ),
};

function exercise(inputs: Record<string, InputSpec>, edges: readonly EdgeSpec[] = []): Exercise {
  return {
    kind: "sql",
    version: 1,
    files: ["a.sql"],
    inputs,
    hidden: [{ seed: 101 }, { seed: 202, rows: 30 }],
    edges,
    checks: [],
    starterFails: "",
    wrong: {},
  };
}

async function inputsOf(
  spec: Exercise,
  id: string,
): Promise<{ tables: Record<string, Table>; hash: string }> {
  const one = listCases(spec).find((c) => c.id === id);
  if (one === undefined) throw new RangeError(id);
  const cache = openDiskCache(join(dir, "cache"));
  const loaded = await loadInputs({
    exercise: { id: "toy/a", dir, spec },
    case: one,
    cache,
    dataFolder: join(dir, "data"),
  });
  return { ...loaded, tables: { ...loaded.tables } };
}

describe("the cases of an exercise", () => {
  const edges: EdgeSpec[] = [
    "empty",
    "one-row",
    { edge: "all-null", keep: ["NAME"] },
    { edge: "custom", id: "big" },
  ];
  const spec = exercise({ t: generated }, edges);

  test("are the visible one, the hidden ones and the edges, in this order", () => {
    expect(listCases(spec).map(({ id }) => id)).toEqual([
      "visible",
      "seed-101",
      "seed-202",
      "edge-empty",
      "edge-one-row",
      "edge-all-null",
      "edge-big",
    ]);
  });

  test("are judged by a check where it says so; hidden is all that the learner does not see", () => {
    const ids = (on: "visible" | "hidden" | "all" | undefined) =>
      listCases(spec)
        .filter((one) => isJudgedOn(on, one))
        .map(({ id }) => id);
    expect(ids("visible")).toEqual(["visible"]);
    expect(ids("hidden")).toHaveLength(6);
    expect(ids(undefined)).toHaveLength(7);
  });

  test("give generated inputs the same rows for the same seed, and others for another", async () => {
    const [one, again, other] = [
      await inputsOf(spec, "visible"),
      await inputsOf(spec, "visible"),
      await inputsOf(spec, "seed-101"),
    ];
    expect(again).toEqual(one);
    expect(other.tables.t).not.toEqual(one.tables.t);
    expect(other.hash).not.toBe(one.hash);
  });

  test("cut the plain edges from the visible data and leave keys alone", async () => {
    const visible = rowsOf((await inputsOf(spec, "visible")).tables.t ?? tableFromRows([], []));
    const [empty, one, nulls, big] = [
      (await inputsOf(spec, "edge-empty")).tables.t,
      (await inputsOf(spec, "edge-one-row")).tables.t,
      (await inputsOf(spec, "edge-all-null")).tables.t,
      (await inputsOf(spec, "edge-big")).tables.t,
    ];
    expect(empty?.rowCount).toBe(0);
    expect(one === undefined ? [] : rowsOf(one)).toEqual(visible.slice(0, 1));
    expect(nulls === undefined ? [] : rowsOf(nulls)).toEqual(visible.map((row) => ({ ...row, x: null })));
    expect(big?.rowCount).toBe(9);
  });

  test("need an input that can make a custom edge", async () => {
    const lonely = exercise({}, [{ edge: "custom", id: "big" }]);
    await expect(inputsOf(lonely, "edge-big")).rejects.toThrow("edge-big needs an input with generate");
  });
});

describe("inputs from a dataset", () => {
  test("are all text as they lie in the file, of the asked size and seed, and come from the cache again", async () => {
    const spec = exercise({ leads: { dataset: "leads", rows: 200, seed: 7 } });
    const first = (await inputsOf(spec, "visible")).tables.leads;
    expect(first?.fields.every(({ type }) => type.kind === "string")).toBe(true);
    expect(first?.rowCount).toBeGreaterThan(100);
    const small = (await inputsOf(spec, "seed-202")).tables.leads;
    expect(small?.rowCount).toBeLessThanOrEqual(30);
    await rm(join(dir, "data"), { recursive: true, force: true });
    expect((await inputsOf(spec, "visible")).tables.leads).toEqual(first);
  });

  test("pass through the exercise's query over raw", async () => {
    await writeFile(join(dir, "few.sql"), "SELECT count(*) AS n, min(lead_id) AS first FROM raw");
    const spec = exercise({ few: { dataset: "leads", rows: 200, seed: 7, sql: "few.sql" } });
    const table = (await inputsOf(spec, "visible")).tables.few;
    expect(table?.fields.map(({ name }) => name)).toEqual(["n", "first"]);
    expect(table?.columns.every((column) => !isNull(column, 0))).toBe(true);
  });

  test("are whole messages, broken ones too, where the data are a stream", async () => {
    const spec = exercise({ events: { dataset: "lead-events", rows: 3_000, seed: 7 } });
    const { tables } = await inputsOf(spec, "visible");
    const texts = rowsOf(tables.events ?? tableFromRows([], [])).map((row) => String(row.text));
    expect(texts).toEqual(readStream({ seed: 7 }, { to: 3_000 }).map(({ text }) => text));
    expect(texts.filter((text) => !text.endsWith("}")).length).toBeGreaterThan(5);
  });

  test("are rows picked by the seed where the data ship", async () => {
    const spec = exercise({ flights: { dataset: "flights", rows: 50, seed: 7 } });
    const [one, other] = [
      (await inputsOf(spec, "visible")).tables.flights,
      (await inputsOf(spec, "seed-101")).tables.flights,
    ];
    expect(one?.rowCount).toBe(50);
    expect(other?.rowCount).toBe(50);
    expect(other).not.toEqual(one);
  });
});
