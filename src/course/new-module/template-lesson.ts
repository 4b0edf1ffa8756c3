import type { Lang, Text } from "../../core/text.ts";

/** Lesson and cheat sheet of a new module, in both languages. */
export function lessonTemplate(module: {
  readonly number: string;
  readonly slug: string;
}): Record<string, string> {
  return {
    "lesson.es.md": lesson(module, "es"),
    "lesson.en.md": lesson(module, "en"),
    "cheatsheet.es.md":
      "# Chuleta\n\n- `count(*)` cuenta filas; `count(x)`, valores que no son NULL.\n- `x >= 100` no es verdadero ni falso cuando x es NULL.\n",
    "cheatsheet.en.md":
      "# Cheat sheet\n\n- `count(*)` counts rows; `count(x)`, values that are not NULL.\n- `x >= 100` is neither true nor false when x is NULL.\n",
  };
}

function lesson({ number, slug }: { readonly number: string; readonly slug: string }, lang: Lang): string {
  const say = (text: Text) => text[lang];
  return `---
title: ${say({ es: `Módulo ${number}`, en: `Module ${number}` })}
summary: ${say({ es: "Contar y filtrar filas.", en: "Count and filter rows." })}
level: beginner
minutes: 10
inputs:
  numbers: { sql: numbers.sql }
---

## ${say({ es: "Contar filas", en: "Count rows" })} {#count}

${say({ es: "La tabla `numbers` tiene cinco filas. Una no tiene valor.", en: "The table `numbers` has five rows. One has no value." })}

\`\`\`quiz kind=predict id=null-count
${say({ es: "¿Cuánto da `count(x)`?", en: "What does `count(x)` give?" })}
- [x] 4 :: ${say({ es: "Sí: NULL no es un valor.", en: "Yes: NULL is no value." })}
- 5 :: ${say({ es: "Eso es `count(*)`: cuenta filas, no valores.", en: "That is `count(*)`: it counts rows, not values." })}
\`\`\`

\`\`\`run sql=count.sql view=table
\`\`\`

\`\`\`try id=largest
SELECT max(x) AS ${say({ es: "mayor", en: "largest" })} FROM numbers
\`\`\`

## ${say({ es: "El pipeline", en: "The pipeline" })} {#pipeline}

${say({ es: "Lo mismo, como un trabajo que se repite.", en: "The same, as a job that is repeated." })}

\`\`\`run pipeline=${slug} step=count
\`\`\`

## ${say({ es: "Ahora tú", en: "Your turn" })} {#your-turn}

${say({ es: "Quédate con las filas grandes.", en: "Keep the big rows." })}

\`\`\`exercise big
\`\`\`

## ${say({ es: "En un clúster de verdad", en: "On a real cluster" })} {#on-a-real-cluster}

${say({
  es: "El mismo pipeline corre en Spark: `taller run ".concat(slug, " --engine spark`."),
  en: "The same pipeline runs on Spark: `taller run ".concat(slug, " --engine spark`."),
})}
`;
}
