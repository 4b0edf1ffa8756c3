import type { Table } from "../../core/table.ts";
import { assignClusters, type KMeansModel } from "../cluster/kmeans.ts";
import type { Feature, Matrix } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";
import { type Preparation, prepare } from "../prepare/pipeline.ts";
import type { RfmState } from "../prepare/rfm.ts";
import { featuresAfter } from "../prepare/step.ts";
import type { TrainingCard } from "./card.ts";
import { fileSchema, headSchema } from "./file-schema.ts";
import { packArray, packNumber } from "./json.ts";
import { type Classifier, scoreMatrix } from "./model.ts";

/** The version of the form below; a reader refuses a newer one. */
export const MODEL_FILE_VERSION = 1;

/** A model with its preparation: all that a table needs to be scored. */
export interface ScoringPipeline {
  readonly preparation: Preparation;
  readonly model: Classifier;
  readonly card: TrainingCard;
}

/** Clusters with their preparation; `rfm` where the rows are customers made from purchases. */
export interface ClusterPipeline {
  readonly preparation: Preparation;
  readonly model: KMeansModel;
  readonly card: TrainingCard;
  readonly rfm?: RfmState | undefined;
}

/** The probabilities of a table's rows, or of one chunk of it. */
export function scoreTable(
  pipeline: Pick<ScoringPipeline, "preparation" | "model">,
  table: Table,
): Float64Array {
  const matrix: Matrix = prepare(pipeline.preparation, table);
  return scoreMatrix(pipeline.model, matrix);
}

/** The cluster of each of a table's rows. */
export function assignTable(
  pipeline: Pick<ClusterPipeline, "preparation" | "model">,
  table: Table,
): Int32Array {
  return assignClusters(pipeline.model, prepare(pipeline.preparation, table));
}

/** The model file's text: JSON that reads back to the same bits. */
export function writeModelFile(pipeline: ScoringPipeline | ClusterPipeline): string {
  const { preparation, card } = pipeline;
  const rfm = "rfm" in pipeline ? pipeline.rfm : undefined;
  const { features: _, ...model } = pipeline.model;
  const packed = JSON.stringify(
    { format: "taller-model", version: MODEL_FILE_VERSION, preparation, model, rfm, card },
    (_key, value: unknown) => {
      if (value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array) {
        return packArray(value);
      }
      return typeof value === "number" ? packNumber(value) : value;
    },
  );
  return `${packed}\n`;
}

/**
 * Reads the file of a classifier. Throws `model-file` naming what is wrong: not JSON, another format or version, a
 * damaged part, or clusters.
 */
export function readModelFile(text: string): ScoringPipeline {
  const { preparation, card, model } = readAny(text);
  if (model.kind === "kmeans")
    throw damaged("it holds clusters: readClusterFile reads it", "guarda grupos: lo lee readClusterFile");
  return { preparation, card, model };
}

/** Reads the file of a K-Means model. Throws as {@link readModelFile} does. */
export function readClusterFile(text: string): ClusterPipeline {
  const { preparation, card, model, rfm } = readAny(text);
  if (model.kind !== "kmeans")
    throw damaged("it holds no clusters: readModelFile reads it", "no guarda grupos: lo lee readModelFile");
  return { preparation, card, model, ...(rfm === undefined ? {} : { rfm }) };
}

function readAny(text: string) {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw damaged("it is not JSON", "no es JSON", cause);
  }
  const head = headSchema.safeParse(raw);
  if (!head.success) throw damaged("it is not a taller model", "no es un modelo de taller");
  if (head.data.version > MODEL_FILE_VERSION) {
    const v = head.data.version;
    throw damaged(`its version is ${v}; this one reads up to ${MODEL_FILE_VERSION}`, `es de la versión ${v}`);
  }
  const file = fileSchema.safeParse(raw);
  if (!file.success) {
    const where = file.error.issues[0]?.path.join(".") ?? "";
    throw damaged(`the part ${where} is damaged`, `la parte ${where} está dañada`, file.error);
  }
  const { preparation, card, rfm } = file.data;
  const features = preparation.steps.reduce<readonly Feature[]>(
    (before, step) => featuresAfter(step, before),
    preparation.schema,
  );
  const model: Classifier | KMeansModel = { ...file.data.model, features };
  checkModel(model);
  return { preparation, card, model, rfm };
}

/** A tree whose child comes before it could loop for ever; one that points outside would give NaN. */
function checkModel(model: Classifier | KMeansModel): void {
  if (model.kind === "kmeans" && model.centres.length !== model.k * model.features.length) {
    throw damaged("it has not one centre a cluster", "no tiene un centro por grupo");
  }
  if (model.kind === "logistic" && model.coefficients.length !== model.features.length) {
    throw damaged("it has not one coefficient a feature", "no tiene un coeficiente por columna");
  }
  if (!("trees" in model)) return;
  const { roots, feature: asked, left, right, threshold, value } = model.trees;
  const n = asked.length;
  const isWhole = [left, right, threshold, value].every((part) => part.length === n);
  const areRootsInside = roots.length > 0 && roots.every((root) => root >= 0 && root < n);
  const areNodesRight = asked.every((f, node) => {
    const isChild = (child: number | undefined): boolean => child !== undefined && child > node && child < n;
    return f === -1 || (f >= 0 && f < model.features.length && isChild(left[node]) && isChild(right[node]));
  });
  if (!isWhole || !areRootsInside || !areNodesRight)
    throw damaged("its trees are damaged", "sus árboles están dañados");
}

function damaged(en: string, es: string, cause?: unknown): Error {
  const error = mlError("model-file", {
    es: `No se puede leer el modelo: ${es}.`,
    en: `The model can't be read: ${en}.`,
  });
  if (cause !== undefined) error.cause = cause;
  return error;
}
