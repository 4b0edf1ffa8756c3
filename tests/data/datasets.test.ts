import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { formatType, rowsOf } from "../../src/core/table.ts";
import { datasets, describeDataset, findContract, findDataset } from "../../src/data/datasets.ts";
import { COUNTRIES, INDUSTRIES, LEADS_VERSION, SOURCES, VARIANTS } from "../../src/data/leads/columns.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "datasets-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("datasets", () => {
  test("lists what ships and what is generated, not the tables of pipelines", () => {
    expect(datasets().map(({ card }) => card.name)).toEqual(["flights", "lead-events", "leads"]);
  });

  test("every card says each column in both languages", () => {
    for (const { card } of datasets())
      for (const field of card.fields) {
        expect(field.description.es, `${card.name}.${field.name}`).toMatch(/\.$/);
        expect(field.description.en, `${card.name}.${field.name}`).toMatch(/\.$/);
      }
  });

  test("a typo is refused with the nearest name", () => {
    expect(() => findDataset("laeds")).toThrow(UserError);
    expect(() => findDataset("laeds")).toThrow(/Did you mean leads\?/);
  });

  test("an unknown variant is refused with the ones that there are", async () => {
    await expect(findDataset("leads").materialise({ folder, variant: "clean" })).rejects.toThrow(
      /There are: plain, noise, leaky/,
    );
    await expect(findDataset("flights").materialise({ folder, variant: "noise" })).rejects.toThrow(UserError);
  });

  test("rows and seed out of range are a usage error", async () => {
    for (const wrong of [{ rows: -1 }, { rows: 1.5 }, { rows: 100_000_001 }, { seed: -1 }, { seed: 0.5 }])
      await expect(findDataset("leads").materialise({ folder, ...wrong })).rejects.toMatchObject({
        code: "leads-out-of-range",
        fault: "usage",
      });
  });

  test("the shipped flights are the bytes that their card promises, at most 5 MB", async () => {
    const flights = findDataset("flights");
    const files = await flights.materialise({ folder });
    const bytes = await readFile(files.paths[0] ?? "");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(flights.card.sha256);
    expect(bytes.length).toBe(files.sizeBytes);
    expect(bytes.length).toBeLessThanOrEqual(5_000_000);
  });

  test("a generated file's columns are its header, in every variant", async () => {
    for (const variant of ["plain", "noise", "leaky"]) {
      const files = await findDataset("leads").materialise({ folder, rows: 10, variant });
      const [header] = (await readFile(files.paths[0] ?? "", "utf8")).slice(1).split("\n");
      expect(files.fields.map(({ name }) => name).join(","), variant).toBe(header);
    }
  });

  test("the card of leads has the version and variants of its generator", () => {
    const { card } = findDataset("leads");
    expect(card.version).toBe(LEADS_VERSION);
    expect(card.variants).toEqual(VARIANTS);
  });

  test("describeDataset gives a row per column", () => {
    const [first] = rowsOf(describeDataset(findDataset("leads").card, "en"), 1);
    expect(first).toMatchObject({ column: "lead_id", type: "string", unit: null });
  });
});

describe("findContract", () => {
  test("gives the typed table that the first module hands on", () => {
    const contract = findContract("leads-clean");
    expect(contract?.producer).toBe("etl");
    const types = contract?.fields.map((field) => `${field.name} ${formatType(field.type)}`);
    expect(types).toContain("budget decimal(12,2)");
    expect(types).toContain("updated_at timestamp");
  });

  test("has the columns of the dirty file, in its order", () => {
    expect(findContract("leads-clean")?.fields.map(({ name }) => name)).toEqual(
      findDataset("leads").card.fields.map(({ name }) => name),
    );
  });

  test("has the categories that the generator draws from", () => {
    const values = Object.fromEntries(
      (findContract("leads-clean")?.fields ?? []).map((field) => [field.name, field.values]),
    );
    expect(values).toMatchObject({ source: SOURCES, country: COUNTRIES, industry: INDUSTRIES });
  });

  test("gives nothing for a dataset or an unknown name", () => {
    expect(findContract("leads")).toBeUndefined();
    expect(findContract("nothing")).toBeUndefined();
  });
});
