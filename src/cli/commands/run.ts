import { Help } from "commander";
import { UserError } from "../../core/errors.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import { verbatim } from "../../core/text.ts";
import { type FoundPipeline, nearest, resolvePipeline } from "../../course/ids.ts";
import { loadPipeline } from "../../course/load.ts";
import type { Pipeline } from "../../course/pipeline.ts";
import { type PipelineFlag, pipelineFlags } from "../../course/pipeline-options.ts";
import { runPipeline } from "../../course/run-pipeline.ts";
import { makeWorkspace, workspaceDirs } from "../../course/workspace.ts";
import { openEngine } from "../../engines/open.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { serviceOpener } from "../open-service.ts";
import { formatSeconds } from "../ui/numbers.ts";
import { renderTable } from "../ui/table.ts";

/** `taller run <pipeline> [its options]`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const [id, ...rest] = input.args;
  if (id === undefined || id.startsWith("-")) return listPipelines(context);
  const found = resolvePipeline(await context.course(), id);
  const pipeline = await loadPipeline(found.pipeline.path);
  if (rest.includes("--help") || rest.includes("-h")) return printHelp(context, pipeline);
  return runFound(context, found, pipeline, parseArguments(pipeline, rest));
}

async function runFound(
  context: CliContext,
  found: FoundPipeline,
  pipeline: Pipeline,
  given: { readonly engine: string; readonly options: Record<string, string> },
): Promise<number> {
  const workspace = await context.workspaceFolder();
  await makeWorkspace(workspace);
  const { data, tables } = workspaceDirs(workspace);
  const result = await runPipeline({
    course: await context.course(),
    pipeline: found,
    options: given.options,
    dirs: { workspace, data, tables },
    lang: context.lang,
    clock: context.clock,
    signal: context.signal,
    emit: context.emit,
    openEngine: (options) => openEngine(given.engine, options),
    openService: serviceOpener(context, workspace),
  });
  context.idle();
  const report = result.report ?? { rows: {} };
  if (context.isJson) context.result({ pipeline: pipeline.id, ok: true, seconds: result.seconds, ...report });
  else context.note(verbatim(` ${pipeline.id} · ${formatSeconds(result.seconds, context.lang)}`));
  return 0;
}

async function listPipelines(context: CliContext): Promise<number> {
  const course = await context.course();
  const rows = await Promise.all(
    course.modules.flatMap((module) =>
      module.pipelines.map(async ({ id, path }) => ({
        module: module.number,
        pipeline: id,
        what: (await loadPipeline(path)).title[context.lang],
      })),
    ),
  );
  if (context.isJson) {
    context.result({ pipelines: rows });
    return 0;
  }
  const fields = fieldsOf({
    module: { kind: "string" },
    pipeline: { kind: "string" },
    what: { kind: "string" },
  });
  context.print(renderTable(tableFromRows(fields, rows), context.screen.look(), { maxRows: rows.length }));
  const first = rows[0]?.pipeline;
  if (first !== undefined) context.print(`  taller run ${first}\n  taller run ${first} --help`);
  return 0;
}

function printHelp(context: CliContext, pipeline: Pipeline): number {
  const { lang } = context;
  const flags = pipelineFlags(pipeline);
  const left = flags.map(
    (flag) => `--${flag.flag}${flag.kind === "boolean" ? "" : ` <${flag.choices?.join("|") ?? flag.kind}>`}`,
  );
  const items = [
    ...flags.map((flag, index) => [left[index] ?? "", describeFlag(flag, lang)] as const),
    ["--engine <duckdb|spark>", lang === "es" ? "el motor (duckdb)" : "the engine (duckdb)"] as const,
  ];
  // A term that is wider than this stands on a line of its own.
  const width = Math.min(32, Math.max(...items.map(([term]) => term.length)));
  const help = new Help();
  help.prepareContext({ helpWidth: context.screen.look().columns });
  context.print(
    `${lang === "es" ? "Uso" : "Usage"}: taller run ${pipeline.id} [${lang === "es" ? "opciones" : "options"}]\n`,
  );
  context.print(`${pipeline.title[lang]}\n`);
  for (const [term, description] of items) {
    const isWide = term.length > width;
    if (isWide) context.print(`  ${term}`);
    context.print(help.formatItem(isWide ? "" : term, width, description, help));
  }
  return 0;
}

function describeFlag(flag: PipelineFlag, lang: "es" | "en"): string {
  const [es, en] = flag.description.split(" | ");
  const text = lang === "es" ? (es ?? "") : (en ?? es ?? "");
  return flag.defaultValue === undefined || flag.kind === "boolean"
    ? text
    : `${text} (${String(flag.defaultValue)})`;
}

/** `--rows 5 --codec=zstd --dry-run` by the pipeline's own flags; a boolean takes no value. */
function parseArguments(
  pipeline: Pipeline,
  args: readonly string[],
): { engine: string; options: Record<string, string> } {
  const flags = pipelineFlags(pipeline);
  const options: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const match = /^--([a-z][a-zA-Z0-9-]*)(?:=(.*))?$/s.exec(args[i] ?? "");
    if (match?.[1] === undefined) throw unexpected(pipeline, args[i] ?? "", flags);
    const [, name, inline] = match;
    const flag = flags.find((one) => one.flag === name || one.key === name);
    if (inline !== undefined) options[name] = inline;
    else if (flag?.kind === "boolean") options[name] = "true";
    else {
      const value = args[i + 1];
      if (flag === undefined && name !== "engine") throw unexpected(pipeline, `--${name}`, flags);
      if (value === undefined) throw missingValue(pipeline, name);
      options[name] = value;
      i++;
    }
  }
  const { engine = "duckdb", ...own } = options;
  return { engine, options: own };
}

function unexpected(pipeline: Pipeline, given: string, flags: readonly PipelineFlag[]): UserError {
  const near = nearest(
    given.replace(/^-+/, ""),
    flags.map((flag) => flag.flag),
  );
  return new UserError({
    fault: "usage",
    code: "unknown-option",
    what: {
      es: `«${pipeline.id}» no tiene la opción «${given}».`,
      en: `"${pipeline.id}" has no option "${given}".`,
    },
    next: [
      ...(near === undefined ? [] : [{ es: `¿Querías decir --${near}?`, en: `Did you mean --${near}?` }]),
      verbatim(`taller run ${pipeline.id} --help`),
    ],
  });
}

function missingValue(pipeline: Pipeline, name: string): UserError {
  return new UserError({
    fault: "usage",
    code: "missing-value",
    what: { es: `A --${name} le falta su valor.`, en: `--${name} needs a value.` },
    next: [verbatim(`taller run ${pipeline.id} --help`)],
  });
}
