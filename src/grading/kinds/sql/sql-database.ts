import type { Table } from "../../../core/table.ts";
import type { SubmissionProblem } from "../../verdict.ts";
import type { SqlInit } from "./protocol.ts";
import type { StatementText } from "./split-statements.ts";

/** More rows than this are no result that a learner meant. */
export const MAX_RESULT_ROWS = 2_000_000;

/** A case's database: its inputs, and no way to files, extensions or settings. One of these per engine. */
export interface SqlDatabase {
  /** The statements of a text; throws what the engine throws at a text that it can't parse. */
  split(sql: string): Promise<StatementText[]>;
  /** Runs one statement; its rows where they are wanted and it gives any. */
  run(statement: StatementText, isWanted: boolean): Promise<Table | undefined>;
  /** What the engine threw, as a problem; positions only where a statement of the learner's is given. */
  problemOf(thrown: unknown, statement: StatementText | undefined): SubmissionProblem;
  /** Tables and views, in the order of their names. */
  tableNames(): Promise<string[]>;
  /** The first input whose rows are no longer what they were. */
  changedInput(): Promise<string | undefined>;
  /** Puts the engine's random numbers back to the case's seed. */
  reseed(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseWorld {
  readonly inputs: Readonly<Record<string, Table>>;
  readonly clockMs: number;
  readonly seed: number;
}

export type OpenDatabase = (init: SqlInit, world: DatabaseWorld) => Promise<SqlDatabase>;

/** Remembers a digest of each input; gives a function that names the first one whose digest has changed. */
export async function watchInputs(
  names: readonly string[],
  digestOf: (name: string) => Promise<string>,
): Promise<() => Promise<string | undefined>> {
  // A name that can't be read any more was dropped or is no table: changed in any case.
  const digest = (name: string) => digestOf(name).catch(() => undefined);
  const before = new Map<string, string | undefined>();
  for (const name of names) before.set(name, await digest(name));
  return async () => {
    for (const [name, known] of before) if ((await digest(name)) !== known) return name;
    return undefined;
  };
}

/** `setseed` wants a number in [-1, 1]. */
export function seedFraction(seed: number): number {
  return (seed % 1_000_000) / 1_000_000;
}
