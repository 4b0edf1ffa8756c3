/** The ML core in one place: from a table to a model, its metrics, its file and its SQL. */
export { assignClusters, fitKMeans, type KMeansModel, type KMeansOptions } from "./cluster/kmeans.ts";
export { fitPca, type Pca, projectPca } from "./cluster/pca.ts";
export { labelsOf } from "./data/labels.ts";
export {
  type Feature,
  type Matrix,
  matrixFromRows,
  takeMatrixRows,
  takeValues,
  UNSEEN,
} from "./data/matrix.ts";
export { fitSchema, toMatrix } from "./data/schema.ts";
export { hashIds, hashText, kFold, type Split, splitByHash, stratifiedSplit } from "./data/split.ts";
export type { FitControl, FitProgress } from "./fit-control.ts";
export { type DummyModel, fitDummy } from "./linear/dummy.ts";
export { fitLogistic, type LogisticModel, type LogisticOptions } from "./linear/logistic.ts";
export {
  adjustedRand,
  silhouetteByDefinition,
  silhouetteSquaredEuclidean,
  wssse,
} from "./metrics/clustering.ts";
export { accuracy, type Confusion, confusion, f1, precision, recall } from "./metrics/confusion.ts";
export { bestThreshold, type Costs } from "./metrics/cost-threshold.ts";
export { type Curve, prCurve, rocAuc, rocCurve } from "./metrics/curves.ts";
export {
  bootstrapInterval,
  type Interval,
  pairedComparison,
  repeatedSplitInterval,
} from "./metrics/intervals.ts";
export { brierScore, type CalibrationBin, calibrationBins, logLoss } from "./metrics/probability.ts";
export { MLJS_LIMITS } from "./mljs/limits.ts";
export { hashTable, ML_LIBRARY, type TrainingCard, trainingCard } from "./model/card.ts";
export {
  assignTable,
  type ClusterPipeline,
  readClusterFile,
  readModelFile,
  type ScoringPipeline,
  scoreTable,
  writeModelFile,
} from "./model/file.ts";
export { gainImportance, permutationImportance } from "./model/importance.ts";
export { type Classifier, type RowScorer, rowScorer, scoreMatrix } from "./model/model.ts";
export { openScorer, type Scorer, type ScorerOptions, scoreTables } from "./model/scorer.ts";
export { MAX_SQL_LEAVES, modelToSql } from "./model/sql.ts";
export { fitPreparation, type Preparation, prepare, schemaDifferences } from "./prepare/pipeline.ts";
export { fitRfm, transformRfm } from "./prepare/rfm.ts";
export { fitStep, type StepPlan, type StepState, transformStep } from "./prepare/step.ts";
export { type BoostingModel, type BoostingOptions, fitBoosting } from "./trees/boosting.ts";
export {
  type ForestModel,
  type ForestOptions,
  fitForest,
  fitTree,
  type TreeOptions,
} from "./trees/forest.ts";
