import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { vectorCase } from "../../src/streaming/vectors/case.ts";
import { compareCase } from "../../src/streaming/vectors/compare-case.ts";
import { runCase } from "../../src/streaming/vectors/run-case.ts";

const folder = join(import.meta.dirname, "..", "vectors");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe.each(files)("the batches that a real Spark recorded: %s", (file) => {
  const cases = z.array(vectorCase).parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, given) => {
    expect(compareCase(given, await runCase(given))).toBeUndefined();
  });
});
