import { messageOf, UserError } from "../core/errors.ts";
import type { Lang } from "../core/text.ts";
import { renderError } from "./ui/errors.ts";
import { openScreen } from "./ui/terminal.ts";

/**
 * Says an error: a UserError in words (what, where, what to type next), anything else with a recipe for a
 * report. To stderr; with `--json` one object on stdout.
 */
export async function printError(
  error: unknown,
  input: { readonly argv: readonly string[]; readonly lang: Lang },
): Promise<void> {
  const { argv, lang } = input;
  const screen = openScreen({
    streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
    env: process.env,
    lang,
    plain: argv.includes("--plain"),
  });
  if (argv.includes("--json")) screen.print(JSON.stringify({ error: asJson(error, lang) }));
  if (error instanceof UserError) screen.note(renderError(error, screen.look("stderr")));
  else screen.note(bugReport(error, argv, lang));
  if (argv.includes("--debug") && error instanceof Error) screen.note(stackOf(error));
}

function asJson(error: unknown, lang: Lang): Record<string, unknown> {
  if (!(error instanceof UserError)) return { code: "bug", message: messageOf(error), next: [] };
  return {
    code: error.code,
    message: error.what[lang],
    where: error.where,
    next: error.next.map((line) => line[lang]),
  };
}

function bugReport(error: unknown, argv: readonly string[], lang: Lang): string {
  const again = ["taller", ...argv.filter((arg) => arg !== "--debug"), "--debug"].join(" ");
  const head =
    lang === "es"
      ? "Esto es un fallo nuestro, no tuyo. Tus ficheros y tu progreso están como estaban."
      : "This is our bug, not your mistake. Your files and your progress are as they were.";
  const ask = lang === "es" ? "Para avisarnos, copia lo que dice:" : "To report it, copy what this says:";
  return ` ${head}\n ${messageOf(error)}\n\n ${ask}\n   ${again}\n   taller doctor`;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncause: ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
