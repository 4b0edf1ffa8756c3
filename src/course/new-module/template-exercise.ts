import type { Lang, Text } from "../../core/text.ts";

/** An exercise that `dev check` can prove: solution, two right and three wrong answers. */
export function exerciseTemplate(): Record<string, string> {
  const dir = "exercises/1-big";
  return {
    [`${dir}/exercise.ts`]: EXERCISE,
    [`${dir}/task.es.md`]: task("es"),
    [`${dir}/task.en.md`]: task("en"),
    [`${dir}/starter.sql`]: "SELECT id, x FROM numbers\n",
    [`${dir}/solution.sql`]: "SELECT id, x FROM numbers WHERE x >= 100\n",
    [`${dir}/right/join.sql`]:
      "WITH big AS (SELECT id FROM numbers WHERE x BETWEEN 100 AND 1000000)\nSELECT numbers.id, numbers.x FROM numbers JOIN big ON big.id = numbers.id\n",
    [`${dir}/right/negated.sql`]: "SELECT n.id, n.x FROM numbers AS n WHERE NOT (n.x < 100)\n",
    [`${dir}/wrong/null-is-big.sql`]: "SELECT id, x FROM numbers WHERE coalesce(x, 1000) >= 100\n",
    [`${dir}/wrong/off-by-one.sql`]: "SELECT id, x FROM numbers WHERE x > 100\n",
    [`${dir}/wrong/wrong-column.sql`]: "SELECT id, x AS big FROM numbers WHERE x >= 100\n",
  };
}

const EXERCISE = `import { defineExercise, fieldsOf, tableFromRows } from "taller/author";

export default defineExercise({
  kind: "sql",
  version: 1,
  files: ["big.sql"],
  inputs: {
    numbers: {
      generate: ({ seed, random }) =>
        tableFromRows(
          fieldsOf({ id: { kind: "int32" }, x: { kind: "int32" } }),
          Array.from({ length: isHidden(seed) ? 200 : 20 }, (_, i) => ({
            id: i,
            // The visible rows have no value of exactly 100: only hidden data tells > from >=.
            x: isHidden(seed) && i % 10 === 0 ? 100 : random.chance(0.1) ? null : (random.below(60) + 1) * 3,
          })),
        ),
    },
  },
  hidden: [{ seed: 101 }, { seed: 202 }],
  edges: ["empty", "one-row", "all-null"],
  checks: [
    { kind: "schema", id: "schema" },
    { kind: "rows", id: "rows", key: ["id"] },
  ],
  starterFails: "rows",
  wrong: { "null-is-big": "rows", "off-by-one": "rows", "wrong-column": "schema" },
});

function isHidden(seed: number): boolean {
  return seed === 101 || seed === 202;
}
`;

function task(lang: Lang): string {
  const say = (text: Text) => text[lang];
  return `---
title: ${say({ es: "Las grandes", en: "The big ones" })}
---

${say({
  es: "La tabla `numbers` tiene `id` y `x`. Devuelve `id` y `x` de las filas con `x` de 100 o más.",
  en: "The table `numbers` has `id` and `x`. Return `id` and `x` of the rows whose `x` is 100 or more.",
})}

## hint 1

${say({ es: "¿Qué operador incluye el límite?", en: "Which operator includes the limit?" })}

## hint 2

${say({ es: "`WHERE` deja pasar solo lo que es verdadero.", en: "`WHERE` lets through only what is true." })}

## hint 3

\`WHERE x >= 100\`

## check schema: ${say({ es: "el resultado tiene las columnas `id` y `x`", en: "the result has the columns `id` and `x`" })}

## check rows: ${say({ es: "están las filas con `x` de 100 o más, y ninguna otra", en: "the rows with `x` of 100 or more are there, and no other" })}

## mistake null-is-big

${say({ es: "Un NULL no es un número grande: nadie sabe cuánto es.", en: "A NULL is no big number: nobody knows what it is." })}

{{example}}

## mistake off-by-one

${say({ es: "Falta una fila con `x` igual a 100. «100 o más» incluye el 100.", en: 'A row whose `x` equals 100 is missing. "100 or more" includes 100.' })}

{{example}}

## mistake wrong-column

${say({ es: "La columna se llama `x`.", en: "The column is called `x`." })}
`;
}
