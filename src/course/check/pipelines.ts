import type { Course, PipelineFile } from "../course.ts";
import { loadPipeline } from "../load.ts";
import { pipelineFlags } from "../pipeline-options.ts";
import { type CourseFinding, finding, findingsOf } from "./finding.ts";

/** Pipelines load, are named as their files, have ids and tables of their own, and say what their options do. */
export async function checkPipelines(course: Course): Promise<CourseFinding[]> {
  const findings: CourseFinding[] = [];
  const ids = new Map<string, PipelineFile>();
  const producers = new Map<string, string>();
  const readers: { table: string; file: PipelineFile; module: string }[] = [];
  for (const module of course.modules) {
    for (const file of module.pipelines) {
      const say = (rule: "ids" | "references", es: string, en: string) =>
        finding(rule, module.slug, file.path, { es, en });
      const twin = ids.get(file.id);
      if (twin !== undefined)
        findings.push(
          say(
            "ids",
            `Ya hay un pipeline «${file.id}»: ${twin.path}`,
            `There is a pipeline "${file.id}" already: ${twin.path}`,
          ),
        );
      ids.set(file.id, file);
      const found = await findingsOf("readable", module.slug, file.path, async () => {
        const pipeline = await loadPipeline(file.path);
        for (const table of pipeline.reads) readers.push({ table, file, module: module.slug });
        const wrong: CourseFinding[] = [];
        if (pipeline.id !== file.id)
          wrong.push(
            say(
              "ids",
              `Su id es «${pipeline.id}»; el del fichero, «${file.id}».`,
              `Its id is "${pipeline.id}", its file's "${file.id}".`,
            ),
          );
        for (const table of pipeline.writes) {
          const other = producers.get(table);
          if (other !== undefined)
            wrong.push(
              say(
                "ids",
                `La tabla «${table}» ya la hace «${other}».`,
                `The table "${table}" is made by "${other}" already.`,
              ),
            );
          producers.set(table, pipeline.id);
        }
        const stepIds = pipeline.steps.map((step) => step.id);
        const twice = stepIds.find((id, index) => stepIds.indexOf(id) !== index);
        if (twice !== undefined)
          wrong.push(say("ids", `El paso «${twice}» está dos veces.`, `The step "${twice}" is there twice.`));
        for (const flag of pipelineFlags(pipeline))
          if (flag.description === "")
            wrong.push(
              say(
                "references",
                `La opción --${flag.flag} no dice qué hace (.describe).`,
                `The option --${flag.flag} does not say what it does (.describe).`,
              ),
            );
        return wrong;
      });
      findings.push(...found);
    }
  }
  for (const { table, file, module } of readers)
    if (!producers.has(table))
      findings.push(
        finding("references", module, file.path, {
          es: `Lee la tabla «${table}», y ningún pipeline la hace.`,
          en: `It reads the table "${table}", which no pipeline makes.`,
        }),
      );
  return findings;
}
