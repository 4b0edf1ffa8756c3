import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { renderMarkdown } from "../ui/markdown.ts";
import { run as runLesson } from "./lesson.ts";

/** `taller` alone: a word of welcome, then the lesson that comes next (without a terminal the first, played whole). */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const course = await context.course();
  const first = course.modules.find((module) => module.state === "ready");
  if (!context.isJson) {
    const isOnPath = await isCommand("taller", context.env);
    const text = [...welcome(context.lang), ...(isOnPath ? [] : [byNpx[context.lang]])].join("\n\n");
    context.print(`${renderMarkdown(text, context.screen.look())}\n`);
  }
  return runLesson(context, {
    args: first === undefined ? [] : [first.number],
    options: { ...input.options, welcome: true },
  });
}

function welcome(lang: "es" | "en"): string[] {
  if (lang === "es") {
    return [
      "# taller",
      "Datos de verdad, en tu máquina, y un corrector que mira el resultado.",
      "Avanza con **enter**, sal con **q**: se guarda dónde estabas. Luego: `taller check`, `taller list`; y `taller watch`, que va directo al primer ejercicio. In English: `taller --lang en`.",
    ];
  }
  return [
    "# taller",
    "Real data, on your machine, and a grader that looks at the result.",
    "**enter** goes on, **q** leaves: your place is kept. Then: `taller check`, `taller list`; and `taller watch`, which goes straight to the first exercise. En español: `taller --lang es`.",
  ];
}

const byNpx = {
  es: "Desde esta carpeta escribe `npx taller` en lugar de `taller`; o una vez `npm i -g .`, y vale `taller` en todas.",
  en: "From this folder type `npx taller` instead of `taller`; or `npm i -g .` once, and `taller` works everywhere.",
} as const;

/** True when a shell would find the command. npm puts the project's own folder in front for its scripts: that one does not count. */
async function isCommand(name: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter);
  const names = [name, `${name}.cmd`];
  for (const folder of folders.filter((one) => one !== "" && !/node_modules[\\/]\.bin[\\/]?$/.test(one))) {
    for (const file of names) {
      const isThere = await access(join(folder, file)).then(
        () => true,
        () => false,
      );
      if (isThere) return true;
    }
  }
  return false;
}
