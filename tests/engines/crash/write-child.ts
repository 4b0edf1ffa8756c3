import { openEngine } from "../../../src/engines/open.ts";

/** Writes versions 1, 2, 3, … of a table over and over until it is killed; says each that is in place. */
const [target = "", mode = "replace", rows = "0"] = process.argv.slice(2);
const engine = await openEngine("duckdb", { threads: 2 });
for (let version = 1; ; version++) {
  await engine.writeParquet(
    `SELECT ${version} AS version, i, i % 4 AS part, CAST(random() AS VARCHAR) AS noise FROM range(${rows}) AS r(i)`,
    {
      path: target,
      partitionBy: mode === "single" ? [] : ["part"],
      mode: mode === "replace-partitions" ? "replace-partitions" : "replace",
      singleFile: mode === "single",
    },
  );
  process.stdout.write(`${version}\n`);
}
