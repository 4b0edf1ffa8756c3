import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { formatNumber } from "../../core/numbers.ts";
import { formatType } from "../../core/table.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import { verbatim } from "../../core/text.ts";
import { workspaceDirs } from "../../course/workspace.ts";
import type { Dataset } from "../../data/dataset.ts";
import { datasets, findDataset } from "../../data/datasets.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { renderMarkdown } from "../ui/markdown.ts";
import { formatBytes, formatSeconds } from "../ui/numbers.ts";
import { renderTable } from "../ui/table.ts";
import { integerOption, textOption } from "./options.ts";

/** `taller data [generate|list|describe|clean] [dataset]`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const [action = "list", name] = input.args;
  switch (action) {
    case "list":
      return list(context);
    case "describe":
      return describe(context, findDataset(required(name, "describe")));
    case "generate":
      return generate(context, findDataset(required(name, "generate")), input);
    case "clean":
      return clean(context, name);
    default:
      throw new UserError({
        fault: "usage",
        code: "unknown-action",
        what: {
          es: `No conozco «data ${action}». Hay: generate, list, describe, clean.`,
          en: `There is no "data ${action}". There are: generate, list, describe, clean.`,
        },
        next: [verbatim("taller data list")],
      });
  }
}

async function list(context: CliContext): Promise<number> {
  const folder = workspaceDirs(await context.workspaceFolder()).data;
  const made = await generatedFiles(folder);
  const totalBytes = made.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (context.isJson) {
    context.result({
      datasets: datasets().map(({ card }) => ({
        name: card.name,
        title: card.title[context.lang],
        version: card.version,
        format: card.format,
        columns: card.fields.length,
        variants: card.variants,
        defaults: card.defaults,
      })),
      files: made,
      sizeBytes: totalBytes,
    });
    return 0;
  }
  const rows = datasets().map(({ card }) => ({
    name: card.name,
    what: card.title[context.lang],
    columns: card.fields.length,
    variants: card.variants.join(", "),
  }));
  const fields = fieldsOf({
    name: { kind: "string" },
    what: { kind: "string" },
    columns: { kind: "int32" },
    variants: { kind: "string" },
  });
  context.print(renderTable(tableFromRows(fields, rows), context.screen.look()));
  const size = formatBytes(totalBytes, context.lang);
  const says = {
    es: `${made.length} ficheros generados, ${size}, en ${folder}`,
    en: `${made.length} generated files, ${size}, in ${folder}`,
  };
  context.print(says[context.lang]);
  if (made.length > 0) context.print("  taller data clean");
  return 0;
}

async function describe(context: CliContext, dataset: Dataset): Promise<number> {
  const { card } = dataset;
  if (context.isJson) {
    context.result({ ...card, title: card.title[context.lang], description: card.description[context.lang] });
    return 0;
  }
  const { lang } = context;
  context.print(
    renderMarkdown(`# ${card.name}\n\n${card.title[lang]}. ${card.description[lang]}`, context.screen.look()),
  );
  const fields = fieldsOf({
    column: { kind: "string" },
    type: { kind: "string" },
    unit: { kind: "string" },
    what: { kind: "string" },
  });
  const rows = card.fields.map((field) => ({
    column: field.name,
    type: formatType(field.type),
    unit: field.unit ?? null,
    what: field.description[lang],
  }));
  context.print(renderTable(tableFromRows(fields, rows), context.screen.look(), { maxRows: rows.length }));
  context.print(`${lang === "es" ? "licencia" : "licence"}: ${card.licence}`);
  context.print(`${lang === "es" ? "fuente" : "source"}: ${card.source}`);
  return 0;
}

async function generate(context: CliContext, dataset: Dataset, input: CommandInput): Promise<number> {
  const started = context.clock.elapsed();
  const files = await dataset.materialise({
    folder: workspaceDirs(await context.workspaceFolder()).data,
    rows: integerOption(input, "rows", { min: 0 }),
    seed: integerOption(input, "seed", { min: 0 }),
    variant: textOption(input, "variant"),
    threads: integerOption(input, "threads", { min: 1 }),
    signal: context.signal,
    emit: context.emit,
  });
  const seconds = (context.clock.elapsed() - started) / 1000;
  if (context.isJson) {
    context.result({
      dataset: dataset.card.name,
      paths: files.paths,
      ledger: files.ledgerPath,
      sizeBytes: files.sizeBytes,
      seconds,
    });
    return 0;
  }
  for (const path of files.paths) context.print(path);
  if (files.ledgerPath !== undefined) context.print(files.ledgerPath);
  context.print(`${formatBytes(files.sizeBytes, context.lang)} · ${formatSeconds(seconds, context.lang)}`);
  return 0;
}

/** Removes generated data only: what a command can make again. */
async function clean(context: CliContext, name: string | undefined): Promise<number> {
  const { data: folder, cache } = workspaceDirs(await context.workspaceFolder());
  const files = (await generatedFiles(folder)).filter(
    (file) => name === undefined || file.name.startsWith(name),
  );
  for (const file of files) await rm(file.path, { recursive: true, force: true });
  if (name === undefined) await rm(cache, { recursive: true, force: true });
  const freedBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (context.isJson) context.result({ removed: files.map((file) => file.path), freedBytes });
  const count = formatNumber(files.length, context.lang);
  const size = formatBytes(freedBytes, context.lang);
  context.print(
    context.lang === "es"
      ? `${count} ficheros borrados, ${size} libres`
      : `${count} files removed, ${size} freed`,
  );
  return 0;
}

export async function generatedFiles(
  folder: string,
): Promise<{ name: string; path: string; sizeBytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      return { name: path.slice(folder.length + 1), path, sizeBytes: size };
    }),
  );
}

function required(name: string | undefined, action: string): string {
  if (name !== undefined) return name;
  throw new UserError({
    fault: "usage",
    code: "missing-dataset",
    what: { es: "¿Qué datos?", en: "Which dataset?" },
    next: [verbatim(`taller data ${action} leads`), verbatim("taller data list")],
  });
}
