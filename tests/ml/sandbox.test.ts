import { afterAll, expect, test } from "vitest";
import { defineExercise } from "../../src/grading/exercise.ts";
import { endPrestart, openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";
import { checkTypes } from "../../src/grading/type-errors.ts";
import { labelsOf } from "../../src/ml/data/labels.ts";
import { scoreTable } from "../../src/ml/model/file.ts";
import { fitPreparation } from "../../src/ml/prepare/pipeline.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { leads } from "./tables.ts";

const spec = defineExercise({
  kind: "ts",
  version: 1,
  files: ["score.ts"],
  exports: ["score"],
  limits: { timeMs: 60_000 },
  checks: [],
  starterFails: "",
  wrong: {},
});

const SOURCE = `import { fitBoosting, fitForest, fitPreparation, labelsOf, readModelFile, scoreTable, writeModelFile, type Table } from "taller";
export async function score(train: Table, fresh: Table): Promise<{ scores: Float64Array; votes: Float64Array }> {
  const { preparation, matrix } = fitPreparation(train, ["age", "visits", "city"], []);
  const labels = labelsOf(train, "bought");
  // Eight threads are asked for and there are none in the sandbox.
  const model = await fitBoosting(matrix, labels, { seed: 1, trees: 300, threads: 8 });
  const card = { dataHash: "", rows: train.rowCount, seed: 1, metrics: {}, library: "" };
  const scores = scoreTable(readModelFile(writeModelFile({ preparation, model, card })), fresh);
  const library = fitPreparation(train, ["visits"], [{ kind: "impute" }]);
  const forest = await fitForest(library.matrix, labels, { seed: 1, trees: 2, engine: "mljs" });
  return { scores, votes: scoreTable({ preparation: library.preparation, model: forest }, fresh) };
}
`;

afterAll(endPrestart);

test("in the learners' sandbox a submission fits, reads a model file and uses the named libraries, on one thread", async () => {
  const train = leads(1500, 1);
  const fresh = leads(200, 2);
  const prepared = await prepareSubmission(spec, { "score.ts": SOURCE });
  const opened = openSubmission({ spec, prepared, inputs: {} });
  try {
    const answer = (await opened.handle.call("score", train, fresh)) as {
      scores: Float64Array;
      votes: Float64Array;
    };
    const { preparation, matrix } = fitPreparation(train, ["age", "visits", "city"], []);
    const model = await fitBoosting(matrix, labelsOf(train, "bought"), { seed: 1, trees: 300 });
    expect(answer.scores).toEqual(scoreTable({ preparation, model }, fresh));
    expect(answer.votes.every((vote) => [0, 0.5, 1].includes(vote))).toBe(true);
  } finally {
    await opened.close();
    await prepared.close();
  }
});

test("the door's types carry the library", async () => {
  expect(await checkTypes(spec, { "score.ts": SOURCE })).toEqual([]);
  const wrong = SOURCE.replace("seed: 1, trees: 2,", 'seed: "1", trees: 2,');
  const [error] = await checkTypes(spec, { "score.ts": wrong });
  expect(error?.message).toContain("Type 'string' is not assignable to type 'number'");
});
