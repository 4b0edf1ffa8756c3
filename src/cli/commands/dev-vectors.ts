import { readFile } from "node:fs/promises";
import { messageOf, systemCode, UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import { vectorCase } from "../../streaming/vectors/case.ts";
import { type CaseDifference, compareCase } from "../../streaming/vectors/compare-case.ts";
import { runCase } from "../../streaming/vectors/run-case.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { formatSeconds } from "../ui/numbers.ts";

/**
 * `taller dev vectors FILE…`: runs streaming cases that a real Spark recorded and names the first batch of each
 * that differs. Exit 1 when one does.
 */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const [, ...files] = input.args;
  if (files.length === 0) throw missingFile();
  const startedMs = context.clock.elapsed();
  const differences: (CaseDifference & { readonly file: string })[] = [];
  let cases = 0;
  for (const file of files) {
    let failed = 0;
    const items = await readCases(file);
    for (const item of items) {
      context.signal.throwIfAborted();
      cases++;
      const difference = await differenceOf(item);
      if (difference === undefined) continue;
      failed++;
      differences.push({ file, ...difference });
    }
    const word = failed === 0 ? agrees[context.lang] : differs[context.lang];
    context.print(
      ` ${word.padEnd(10)} ${String(items.length - failed).padStart(4)}/${items.length}  ${file}`,
    );
  }
  for (const one of differences) {
    const place = one.batch === undefined ? "" : ` · ${batchWord[context.lang]} ${one.batch}`;
    context.print(`\n ${one.file} · ${one.name}${place} · ${one.what}`);
    context.print(`   Spark:  ${JSON.stringify(one.expected)}`);
    context.print(`   taller: ${JSON.stringify(one.actual)}`);
  }
  const seconds = (context.clock.elapsed() - startedMs) / 1000;
  const ok = differences.length === 0;
  if (context.isJson) context.result({ ok, cases, failed: differences.length, differences, seconds });
  const end = {
    es: `${cases - differences.length} de ${cases} casos como en Spark`,
    en: `${cases - differences.length} of ${cases} cases as in Spark`,
  };
  context.print(`\n ${end[context.lang]} · ${formatSeconds(seconds, context.lang)}`);
  return ok ? 0 : 1;
}

const agrees = { es: "igual", en: "same" } as const;
const differs = { es: "DISTINTO", en: "DIFFERS" } as const;
const batchWord = { es: "lote n.º", en: "batch no." } as const;

/** A case that can't be read or that breaks the engine differs too: the others still run. */
async function differenceOf(item: unknown): Promise<CaseDifference | undefined> {
  const parsed = vectorCase.safeParse(item);
  if (!parsed.success) {
    const name = typeof item === "object" && item !== null && "name" in item ? String(item.name) : "?";
    const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    return { name, batch: undefined, what: "format", expected: "a case", actual: issues };
  }
  try {
    return compareCase(parsed.data, await runCase(parsed.data));
  } catch (error) {
    const { name, expect } = parsed.data;
    return { name, batch: undefined, what: "error", expected: expect, actual: messageOf(error) };
  }
}

async function readCases(file: string): Promise<readonly unknown[]> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (Array.isArray(value)) return value;
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof SyntaxError)) throw error;
    throw unreadable(file, error);
  }
  throw unreadable(file, undefined);
}

function unreadable(file: string, cause: unknown): UserError {
  return new UserError({
    fault: systemCode(cause) === "ENOENT" ? "usage" : "data",
    code: "vectors-unreadable",
    what: {
      es: "No puedo leer este fichero como una lista JSON de casos.",
      en: "I can't read this file as a JSON list of cases.",
    },
    where: file,
    cause,
  });
}

function missingFile(): UserError {
  return new UserError({
    fault: "usage",
    code: "missing-file",
    what: { es: "¿Qué ficheros de vectores?", en: "Which files of vectors?" },
    next: [verbatim("taller dev vectors tests/vectors/*.json")],
  });
}
