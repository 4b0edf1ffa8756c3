import { throwIfCancelled } from "../../core/errors.ts";
import { fieldIndex, type Table } from "../../core/table.ts";
import type { Matrix } from "../data/matrix.ts";
import { requireSameFeatures } from "../data/same-features.ts";
import { mlError } from "../ml-error.ts";
import type { Preparation } from "../prepare/pipeline.ts";
import { prepare } from "../prepare/pipeline.ts";
import { sharedFloat64, sharedInt32 } from "../threads/shared.ts";
import { openTeam, type Team, threadsFor } from "../threads/team.ts";
import { type Classifier, requireScores, scoreMatrix } from "./model.ts";
import { type ScoreMemory, scoreKernel } from "./score-kernel.ts";

/** Scores tables one after another; threads start when the rows so far make them worth it, and serve all later ones. */
export interface Scorer {
  /** The probabilities of the table's rows: the bits of `scoreTable`, whatever the threads. */
  score(table: Table): Promise<Float64Array>;
  /** Ends the threads. To be called in a `finally`. */
  close(): Promise<void>;
}

export interface ScorerOptions {
  /** Threads at most; fewer where more would not pay. Default: the cores, up to 4. */
  readonly threads?: number;
}

type Pipeline = { readonly preparation: Preparation; readonly model: Classifier };

export function openScorer(pipeline: Pipeline, options: ScorerOptions = {}): Scorer {
  return new ThreadedScorer(pipeline, options.threads);
}

/**
 * Each table as it comes, with one more column: the probability, under the name `into` (default `score`). One table is
 * in memory at a time. Throws `column-exists` when the table has that column, and what {@link Scorer.score} throws.
 */
export async function* scoreTables(
  pipeline: Pipeline,
  tables: AsyncIterable<Table>,
  options: ScorerOptions & { readonly into?: string; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Table, void, void> {
  const { into = "score", signal } = options;
  const scorer = openScorer(pipeline, options);
  try {
    for await (const table of tables) {
      throwIfCancelled(signal);
      if (fieldIndex(table, into) !== undefined) throw columnExists(into);
      const values = await scorer.score(table);
      yield {
        fields: [...table.fields, { name: into, type: { kind: "float64" }, nullable: false }],
        columns: [...table.columns, { kind: "float64", values }],
        rowCount: table.rowCount,
      };
    }
  } finally {
    await scorer.close();
  }
}

/** Rows that lie in shared memory at a time: fresh memory for a whole table costs more than a second thread brings. */
const SLICE_ROWS = 65_536;

class ThreadedScorer implements Scorer {
  private readonly pipeline: Pipeline;
  private readonly asked: number | undefined;
  private readonly stepsPerRow: number;
  private steps = 0;
  private running: { readonly team: Team; readonly memory: ScoreMemory } | undefined;

  constructor(pipeline: Pipeline, threads: number | undefined) {
    this.pipeline = pipeline;
    this.asked = threads;
    this.stepsPerRow = stepsPerRow(pipeline.model);
    threadsFor(threads, 0);
  }

  async score(table: Table): Promise<Float64Array> {
    const matrix = prepare(this.pipeline.preparation, table);
    this.steps += matrix.rowCount * this.stepsPerRow;
    const threads = threadsFor(this.asked, this.steps);
    if (threads === 1) return scoreMatrix(this.pipeline.model, matrix);
    requireSameFeatures(this.pipeline.model, matrix);
    const { team, memory } = await this.teamFor(matrix, threads);
    const scores = new Float64Array(matrix.rowCount);
    for (let start = 0; start < matrix.rowCount; start += SLICE_ROWS) {
      const end = Math.min(matrix.rowCount, start + SLICE_ROWS);
      matrix.columns.forEach((column, j) => {
        memory.columns[j]?.set(column.subarray(start, end));
      });
      memory.rowCount[0] = end - start;
      team.run(0);
      scores.set(memory.out.subarray(0, end - start), start);
    }
    requireScores(scores);
    return scores;
  }

  async close(): Promise<void> {
    await this.running?.team.close();
    this.running = undefined;
  }

  private async teamFor(matrix: Matrix, threads: number): Promise<NonNullable<typeof this.running>> {
    if (this.running !== undefined) return this.running;
    const memory: ScoreMemory = {
      model: this.pipeline.model,
      columns: matrix.columns.map(() => sharedFloat64(SLICE_ROWS)),
      rowCount: sharedInt32(1),
      out: sharedFloat64(SLICE_ROWS),
    };
    const team = await openTeam({ kernel: "score", input: memory, create: scoreKernel }, threads);
    this.running = { team, memory };
    return this.running;
  }
}

/** About: a tree takes some 10 ns. */
function stepsPerRow(model: Classifier): number {
  const p = model.features.length;
  return "trees" in model ? 10 * model.trees.roots.length + 4 * p : 4 * p;
}

function columnExists(name: string): Error {
  return mlError(
    "column-exists",
    {
      es: `La tabla ya tiene una columna ${name}.`,
      en: `The table already has a column ${name}.`,
    },
    [{ es: "Da otro nombre con `into`.", en: "Give another name with `into`." }],
  );
}
