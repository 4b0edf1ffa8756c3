import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEngine } from "../../src/engines/open.ts";
import {
  fitBoosting,
  fitPreparation,
  labelsOf,
  modelToSql,
  trainingCard,
  writeModelFile,
} from "../../src/ml/index.ts";
import { measureProcess } from "../process-cost.ts";

const taller = fileURLToPath(new URL("../../../bin/taller.js", import.meta.url));

/** What the static table knows of a lead, and what an event says: the features of module 08's pipeline. */
export const LEAD_FEATURES = ["source", "country", "industry", "employees", "budget"] as const;
export const EVENT_FEATURES = ["visits", "minutes_on_site", "emails_opened", "days_since_contact"] as const;

const SEED = 8;
/** At most 640 leaves: a model that is also one SQL expression, for the peer. */
const TREES = { trees: 20, maxDepth: 5 };

/**
 * The inputs of the scoring job in `folder`: `leads.parquet` (`taller run etl` makes the leads, those of the events),
 * `model.json`, and for Spark the same model as SQL in `model.sql`, and in `train.parquet` what it was trained on.
 */
export async function writeScoringInputs(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const workspace = join(folder, "workspace");
  const etl = await measureProcess(process.execPath, [
    ...[taller, "run", "etl", "--compare", "no", "--workspace", workspace],
    ...["--plain", "--lang", "en"],
  ]);
  if (etl.exitCode !== 0) throw new Error(`taller run etl: ${etl.stderr.slice(-2_000)}`);
  const engine = await openEngine("duckdb");
  try {
    const paths = [join(workspace, "tables", "leads-clean")];
    await engine.register("leads", { kind: "parquet", paths });
    await engine.writeParquet(
      `SELECT lead_id, ${LEAD_FEATURES.join(", ")} FROM leads WHERE lead_id IS NOT NULL`,
      { path: join(folder, "leads.parquet"), singleFile: true },
    );
    const features = [...LEAD_FEATURES, ...EVENT_FEATURES];
    const known = `SELECT ${features.join(", ")}, converted FROM leads WHERE converted IS NOT NULL ORDER BY lead_id NULLS LAST`;
    await engine.writeParquet(known, { path: join(folder, "train.parquet"), singleFile: true });
    const train = await engine.query(known);
    const { preparation, matrix } = fitPreparation(train, features, []);
    const model = await fitBoosting(matrix, labelsOf(train, "converted"), { seed: SEED, ...TREES });
    const card = trainingCard(train, { seed: SEED, metrics: {} });
    await writeFile(join(folder, "model.json"), writeModelFile({ preparation, model, card }));
    await writeFile(join(folder, "model.sql"), modelToSql({ preparation, model }, "spark"));
  } finally {
    await engine.close();
  }
}
