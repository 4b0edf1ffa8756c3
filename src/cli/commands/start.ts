import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { renderMarkdown } from "../ui/markdown.ts";
import { run as runLesson } from "./lesson.ts";

/** `taller` alone: a word of welcome, then the lesson that comes next (without a terminal the first, played whole). */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const course = await context.course();
  const first = course.modules.find((module) => module.state === "ready");
  if (!context.isJson) context.print(`${renderMarkdown(welcome(context.lang), context.screen.look())}\n`);
  return runLesson(context, {
    args: first === undefined ? [] : [first.number],
    options: { ...input.options, welcome: true },
  });
}

function welcome(lang: "es" | "en"): string {
  if (lang === "es") {
    return [
      "# taller",
      "Datos de verdad, en tu máquina, y un corrector que mira el resultado.",
      "Avanza con **enter**, sal con **q**: se guarda dónde estabas. Luego: `taller check`, `taller watch`, `taller list`. In English: `taller --lang en`.",
    ].join("\n\n");
  }
  return [
    "# taller",
    "Real data, on your machine, and a grader that looks at the result.",
    "**enter** goes on, **q** leaves: your place is kept. Then: `taller check`, `taller watch`, `taller list`. En español: `taller --lang es`.",
  ].join("\n\n");
}
