import type { Clock } from "../../core/effects.ts";
import { UserError } from "../../core/errors.ts";
import { sliceTable } from "../../core/table-build.ts";
import { verbatim } from "../../core/text.ts";
import { splitStatements } from "../../course/sql-text.ts";
import { type Engine, quoteName } from "../../engines/engine.ts";
import { openDiskCache } from "../../grading/cache.ts";
import { loadInputs } from "../../grading/cases/inputs.ts";
import type { GradableExercise, GradingPlace } from "../../grading/gradable.ts";
import type { SqlSource } from "./sql-prompt.ts";

/**
 * The visible data of an exercise for the SQL prompt, each input as a view. Throws a UserError (usage) for an
 * exercise that has no tables; `moduleNumber` names the module's own prompt there.
 */
export async function exerciseSource(input: {
  readonly exercise: GradableExercise;
  readonly moduleNumber: string;
  readonly place: Pick<GradingPlace, "cacheFolder" | "dataFolder" | "signal" | "emit">;
  readonly engine: Engine;
  readonly clock: Clock;
}): Promise<SqlSource> {
  const { exercise, engine, place, clock } = input;
  const { tables } = await loadInputs({
    ...place,
    exercise,
    case: { id: "visible", kind: "visible" },
    cache: openDiskCache(place.cacheFolder),
  });
  const names = Object.keys(tables);
  if (names.length === 0) throw noTables(exercise.id, input.moduleNumber);
  for (const [name, table] of Object.entries(tables)) await engine.register(name, { kind: "table", table });
  return {
    query: async (sql, { signal, maxRows }) => {
      const statements = splitStatements(sql);
      const last = statements.at(-1);
      if (last === undefined) throw new RangeError("there is no statement");
      for (const statement of statements.slice(0, -1)) await engine.execute(statement, { signal });
      const began = clock.elapsed();
      // One more than is shown tells whether something was cut.
      const found = await engine.query(last, { signal, maxRows: maxRows + 1 });
      return {
        table: sliceTable(found, 0, maxRows),
        isCut: found.rowCount > maxRows,
        seconds: (clock.elapsed() - began) / 1000,
      };
    },
    tables: () =>
      Promise.all(
        names.map(async (name) => ({
          name,
          fields: await engine.describe(`SELECT * FROM ${quoteName(name)}`),
        })),
      ),
  };
}

function noTables(id: string, moduleNumber: string): UserError {
  return new UserError({
    fault: "usage",
    code: "no-tables",
    what: { es: `El ejercicio «${id}» no tiene tablas.`, en: `The exercise "${id}" has no tables.` },
    next: [verbatim(`taller sql ${moduleNumber}`)],
  });
}
