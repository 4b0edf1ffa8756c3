import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  fitBoosting,
  fitPreparation,
  hashIds,
  labelsOf,
  readModelFile,
  rocAuc,
  type ScoringPipeline,
  scoreTable,
  splitByHash,
  writeModelFile,
} from "taller";
import { type Emit, type Engine, numberText, systemCode, takeRows, UserError } from "taller/author";

/** What is known of a lead before its events: looked up in the static table. */
export const LEAD_FEATURES = ["source", "country", "industry", "employees", "budget"] as const;
/** What an event itself says. */
export const EVENT_FEATURES = ["visits", "minutes_on_site", "emails_opened", "days_since_contact"] as const;

const SEED = 8;

/**
 * The model that scores the events: the file that is named, else the one that an earlier run kept, else one that is
 * trained now on the clean leads and kept. The same features in batch and stream: there is one way to score.
 */
export async function openModel(input: {
  readonly engine: Engine;
  readonly workspace: string;
  readonly named: string | undefined;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}): Promise<ScoringPipeline> {
  const { workspace, named, emit } = input;
  const path = named === undefined ? join(workspace, "models", "lead-scores.json") : resolve(named);
  const text = await readIfThere(path);
  if (text !== undefined) {
    emit({ kind: "note", text: { es: `Modelo: ${path}`, en: `Model: ${path}` } });
    return readModelFile(text);
  }
  if (named !== undefined) throw noModel(path);
  const model = await trainModel(input);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, writeModelFile(model));
  const auc = numberText(model.card.metrics.auc ?? 0, { decimals: 3 });
  const rows = numberText(model.card.rows);
  emit({
    kind: "note",
    text: {
      es: `Modelo entrenado con ${rows.es} leads, AUC ${auc.es} en los que no ha visto; queda en ${path}`,
      en: `Model trained on ${rows.en} leads, AUC ${auc.en} on those it has not seen; kept in ${path}`,
    },
  });
  return model;
}

/** Fits on four fifths of the leads whose outcome is known, and measures on the others. */
async function trainModel({
  engine,
  signal,
  emit,
}: Parameters<typeof openModel>[0]): Promise<ScoringPipeline> {
  const features = [...LEAD_FEATURES, ...EVENT_FEATURES];
  const leads = await engine.query(
    `SELECT lead_id, ${features.join(", ")}, converted FROM leads_clean WHERE converted IS NOT NULL ORDER BY lead_id NULLS LAST`,
    { signal },
  );
  // By a hash of the id: a lead is on the same side in every run.
  const split = splitByHash(hashIds(leads, "lead_id", SEED), 0.2);
  const train = takeRows(leads, split.train);
  const test = takeRows(leads, split.test);
  const { preparation, matrix } = fitPreparation(train, features, []);
  const task = { es: "entreno el modelo", en: "training the model" };
  const model = await fitBoosting(
    matrix,
    labelsOf(train, "converted"),
    { seed: SEED, trees: 80, maxDepth: 4 },
    { signal, onProgress: ({ done, total }) => emit({ kind: "progress", task, done, total, unit: "trees" }) },
  );
  const auc = rocAuc(labelsOf(test, "converted"), scoreTable({ preparation, model }, test));
  const card = {
    dataHash: `leads-clean, ${leads.rowCount} rows with an outcome`,
    rows: train.rowCount,
    seed: SEED,
    metrics: { auc: auc ?? 0 },
    library: "taller",
  };
  return { preparation, model, card };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function noModel(path: string): UserError {
  return new UserError({
    fault: "usage",
    code: "no-model",
    what: { es: "Ese fichero de modelo no existe.", en: "That model file is not there." },
    where: path,
    next: [{ es: "sin --model entreno uno", en: "without --model one is trained" }],
  });
}
