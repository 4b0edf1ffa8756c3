import {
  type DuckDBConnection,
  type DuckDBResult,
  type DuckDBValue,
  ResultReturnType,
  StatementType,
} from "@duckdb/node-api";
import { SqlError } from "../engine.ts";
import { engineError } from "./errors.ts";
import { withoutLastSemicolon } from "./sql-text.ts";

/**
 * A result that is read while its query runs, and whose query failed on the way. DuckDB then ends the result
 * as if there were no more rows (measured on 1.5.6: an error at row 20,000,000 gives 19,746,816 rows and no
 * error), and only the type of the result tells.
 */
export class BrokenResultError extends SqlError {
  constructor() {
    super({
      code: "Broken result",
      message: "the query failed after its first rows, and DuckDB does not say why",
    });
  }
}

/** Call it when a result gives no more chunks. Throws {@link BrokenResultError}. */
export function checkWhole(result: DuckDBResult): void {
  if (result.returnType === ResultReturnType.INVALID) throw new BrokenResultError();
}

/**
 * The error of a query whose result broke: the query is run again into a table that is dropped, because a
 * statement that is not read while it runs does tell its error.
 */
export async function explainBrokenResult(
  connection: DuckDBConnection,
  query: {
    readonly sql: string;
    readonly values: DuckDBValue[] | undefined;
    readonly statementType: StatementType;
  },
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof BrokenResultError) || query.statementType !== StatementType.SELECT) return error;
  const table = '"_taller_again"';
  try {
    await connection.run(`CREATE TEMP TABLE ${table} AS\n${withoutLastSemicolon(query.sql)}`, query.values);
    await connection.run(`DROP TABLE temp.${table}`);
    return error;
  } catch (reason) {
    return engineError(reason, { sql: query.sql, linesBefore: 1 });
  }
}
