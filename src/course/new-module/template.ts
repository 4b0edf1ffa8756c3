import { exerciseTemplate } from "./template-exercise.ts";
import { lessonTemplate } from "./template-lesson.ts";

/** The files of a new module, by path below its folder: one small thing of each kind, to be replaced. */
export function moduleTemplate(module: {
  readonly number: string;
  readonly slug: string;
}): Record<string, string> {
  return {
    ...lessonTemplate(module),
    "sql/numbers.sql": NUMBERS_SQL,
    "sql/count.sql": "SELECT count(*) AS rows_read, count(x) AS with_value FROM numbers\n",
    [`pipelines/${module.slug}.ts`]: pipeline(module.slug),
    ...exerciseTemplate(),
  };
}

const NUMBERS_SQL = "SELECT * FROM (VALUES (1, 5), (2, 50), (3, NULL), (4, 500), (5, 100)) AS t(id, x)\n";

function pipeline(slug: string): string {
  return `import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cellOf, columnOf, definePipeline } from "taller/author";
import { z } from "zod";

const options = z.object({
  min: z.coerce.number().int().default(100).describe("el menor x que se cuenta | the smallest x that is counted"),
});

export default definePipeline({
  id: "${slug}",
  title: { es: "Contar números grandes", en: "Count big numbers" },
  options,
  reads: [],
  writes: [],
  services: [],
  start: async (context) => ({ engine: await context.openEngine(), read: 0, valid: 0 }),
  steps: [
    // #region count
    {
      id: "count",
      title: { es: "Cuenta", en: "Count" },
      run: async ({ state, options, dirs, signal, emit }) => {
        const numbers = await readFile(join(dirs.module, "sql", "numbers.sql"), "utf8");
        const table = await state.engine.query(
          \`SELECT count(*) AS rows_read, count_if(x >= $1) AS big FROM (\${numbers}) AS numbers\`,
          { values: [options.min], signal },
        );
        const number = (name: string) => {
          const { field, column } = columnOf(table, name);
          return Number(cellOf(field, column, 0));
        };
        state.read = number("rows_read");
        state.valid = number("big");
        emit({ kind: "table", title: { es: "Filas", en: "Rows" }, table, label: "measured" });
      },
    },
    // #endregion
  ],
  report: ({ state }) => ({
    rows: { read: state.read, valid: state.valid, rejected: state.read - state.valid, duplicates: 0 },
  }),
});
`;
}
