import {
  assignClusters,
  type Classifier,
  fitBoosting,
  fitForest,
  fitKMeans,
  fitLogistic,
  type Matrix,
  rocAuc,
  scoreMatrix,
} from "../../src/ml/index.ts";
import { wssse } from "../../src/ml/metrics/clustering.ts";
import { readData } from "./data.ts";

// One model in a process of its own, so that its memory is its own:
// node ours.js CASE THREADS ENGINE TRAIN ROWS TEST TEST_ROWS → one JSON object, as the peers give.
const [name = "", threadsText, engineName, trainPath = "", trainRows, testPath = "", testRows] =
  process.argv.slice(2);
const threads = Number(threadsText);
const engine = engineName === "mljs" ? "mljs" : "taller";
const train = await readData(trainPath, Number(trainRows));
const test = await readData(testPath, Number(testRows));
const start = performance.now();
const cpuBefore = process.cpuUsage();
if (name === "kmeans") {
  const settings = { seed: 1, k: 8, starts: 1, maxIterations: 20, tolerance: 0, engine } as const;
  const model = await fitKMeans(train.matrix, engine === "mljs" ? settings : { ...settings, threads });
  const fitted = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  const labels = assignClusters(model, test.matrix);
  const predicted = performance.now();
  tell(cpu, fitted, predicted, wssse(test.matrix, labels, model.centres) / test.matrix.rowCount);
} else {
  const model = await fitNamed(train.matrix, train.labels);
  const fitted = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  const scores = scoreMatrix(model, test.matrix);
  tell(cpu, fitted, performance.now(), rocAuc(test.labels, scores) ?? Number.NaN);
}

async function fitNamed(matrix: Matrix, labels: Uint8Array): Promise<Classifier> {
  switch (name) {
    case "boosting-20":
      return fitBoosting(matrix, labels, { seed: 1, trees: 20, threads });
    case "boosting-100":
      return fitBoosting(matrix, labels, { seed: 1, trees: 100, threads });
    case "forest":
      return engine === "mljs"
        ? fitForest(matrix, labels, { seed: 1, trees: 5, engine })
        : fitForest(matrix, labels, { seed: 1, trees: 20, threads });
    case "forest-5":
      return fitForest(matrix, labels, { seed: 1, trees: 5, threads });
    case "logistic":
      return engine === "mljs"
        ? fitLogistic(matrix, labels, { engine })
        : fitLogistic(matrix, labels, { tolerance: 1e-4, threads });
    default:
      throw new Error(`no case ${name}`);
  }
}

function tell(cpu: NodeJS.CpuUsage, fitted: number, predicted: number, quality: number): void {
  const [fit, predict] = [(fitted - start) / 1000, (predicted - fitted) / 1000];
  const fitCpu = (cpu.user + cpu.system) / 1e6;
  console.log(JSON.stringify({ fit, fitCpu, predict, quality }));
}
