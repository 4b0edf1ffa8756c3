import type { Table } from "../../src/core/table.ts";
import { concatTables } from "../../src/core/table-build.ts";
import { labelsOf } from "../../src/ml/data/labels.ts";
import type { Matrix } from "../../src/ml/data/matrix.ts";
import { fitDummy } from "../../src/ml/linear/dummy.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import type { ScoringPipeline } from "../../src/ml/model/file.ts";
import type { Classifier } from "../../src/ml/model/model.ts";
import { fitPreparation } from "../../src/ml/prepare/pipeline.ts";
import type { StepPlan } from "../../src/ml/prepare/step.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";
import { leads, oddLeads } from "./tables.ts";

export const FEATURES = ["age", "visits", "city"];
const LINEAR: StepPlan[] = [{ kind: "impute" }, { kind: "scale" }, { kind: "one-hot" }];
const BOOSTING = { seed: 1, trees: 10, maxDepth: 3 };

export type FitModel = (matrix: Matrix, labels: Uint8Array) => Classifier | Promise<Classifier>;

/** Every kind of model with the preparations that change its file and its SQL. */
export const FITS: readonly (readonly [string, readonly StepPlan[], FitModel])[] = [
  ["boosting", [], (m, y) => fitBoosting(m, y, BOOSTING)],
  ["boosting on imputed", [{ kind: "impute" }], (m, y) => fitBoosting(m, y, BOOSTING)],
  ["boosting on scaled", [{ kind: "scale" }], (m, y) => fitBoosting(m, y, BOOSTING)],
  ["forest", [], (m, y) => fitForest(m, y, { seed: 1, trees: 8, maxDepth: 4 })],
  ["tree", [], (m, y) => fitTree(m, y, { seed: 1 })],
  ["logistic", LINEAR, (m, y) => fitLogistic(m, y, { l2: 0.01 })],
  [
    "logistic with missing kept apart",
    [{ kind: "one-hot" }, { kind: "impute" }],
    (m, y) => fitLogistic(m, y),
  ],
  ["dummy", [], (m, y) => fitDummy(m, y)],
];

export const card = { dataHash: "sha256:0", rows: 600, seed: 1, metrics: { auc: 0.75 }, library: "0.1.0" };
export const train = leads(600, 11);
/** Rows that no fit has seen, the odd ones last. */
export const fresh: Table = concatTables([leads(300, 12), oddLeads()]);

export async function pipelineOf(plans: readonly StepPlan[], fitModel: FitModel): Promise<ScoringPipeline> {
  const { preparation, matrix } = fitPreparation(train, FEATURES, plans);
  const model = await fitModel(matrix, labelsOf(train, "bought"));
  return { preparation, model, card };
}
