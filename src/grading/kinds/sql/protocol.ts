import type { Table } from "../../../core/table.ts";

/** The same for every case of a grading: they share a process, each has its own database. */
export interface SqlInit {
  readonly file: string;
  readonly sql: string;
  /** Names that the file must leave; empty where its last query is the result. */
  readonly results: readonly string[];
  readonly memoryMb: number;
  readonly diskMb: number;
  readonly folder: string;
}

export type SqlRequest =
  /** A new database with these tables, locked. */
  | {
      readonly kind: "open";
      readonly session: number;
      readonly inputs: Readonly<Record<string, Table>>;
      readonly clockMs: number;
      readonly seed: number;
    }
  | { readonly kind: "run"; readonly session: number }
  | { readonly kind: "result"; readonly session: number; readonly name: string | undefined }
  | { readonly kind: "query"; readonly session: number; readonly sql: string }
  | { readonly kind: "close"; readonly session: number };
