import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { CancelledError, UserError } from "../core/errors.ts";
import type { Lang, Text } from "../core/text.ts";
import {
  COMMANDS,
  type CommandHandler,
  type CommandInput,
  type CommandSpec,
  GLOBAL_OPTIONS,
} from "./command-table.ts";
import { chooseLang } from "./lang.ts";

/**
 * Parses the arguments, runs one command, sets the exit code: 0 done or passed · 1 not passed, or the data
 * can't be processed · 2 usage · 3 environment · 4 over a limit · 70 our bug · 130 stopped by Ctrl-C.
 * The only catch and the only exit of the program stand here.
 */
export async function main(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  const stop = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new CancelledError());
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  try {
    process.exitCode = await runCommand(argv, stop.signal);
  } catch (error) {
    process.exitCode = await report(error, argv);
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
}

async function runCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const lang = chooseLang({ flag: flagValue(argv, "--lang"), env: process.env });
  let exitCode = 0;
  const run = async (
    load: CommandSpec["load"] | (() => Promise<{ run: CommandHandler }>),
    input: CommandInput,
  ) => {
    const { openContext } = await import("./context.ts");
    const context = await openContext({ options: input.options, signal });
    try {
      const { run: handler } = await load();
      exitCode = await handler(context, input);
    } finally {
      await context.close();
    }
  };
  const program = declareProgram(lang, run);
  await program.parseAsync([...argv], { from: "user" });
  return exitCode;
}

type Run = (load: CommandSpec["load"], input: CommandInput) => Promise<void>;

function declareProgram(lang: Lang, run: Run): Command {
  const say = (text: Text) => text[lang];
  const program = localised(new Command("taller"), lang)
    .description(
      say({
        es: "Un taller de datos que se corrige solo, en tu terminal. Sin argumentos, empieza.",
        en: "A data workshop that grades itself, in your terminal. Without arguments, it begins.",
      }),
    )
    .version(packageVersion(), "-V, --version", say({ es: "la versión", en: "the version" }))
    .helpCommand(false)
    .allowExcessArguments(true)
    .action(async (options: CommandInput["options"]) => {
      const [unknown] = program.args;
      if (unknown !== undefined) throw await unknownCommand(unknown);
      await run(() => import("./commands/start.ts"), { args: [], options });
    });
  declareGlobals(program, lang);
  for (const spec of COMMANDS) {
    const command = localised(program.command(spec.name), lang).description(say(spec.summary));
    for (const argument of spec.arguments ?? []) command.argument(argument.form, say(argument.summary));
    for (const option of spec.options ?? []) command.addOption(new Option(option.flags, say(option.summary)));
    declareGlobals(command, lang);
    if (spec.takesUnknown === true) command.allowUnknownOption().helpOption(false);
    command.allowExcessArguments(spec.takesUnknown === true).action(async () => {
      const options = { ...program.opts(), ...command.opts() };
      await run(spec.load, { args: command.args, options });
    });
  }
  return program;
}

/** The global options stand before or after the command's name. */
function declareGlobals(command: Command, lang: Lang): void {
  for (const option of GLOBAL_OPTIONS)
    command.addOption(new Option(option.flags, option.summary[lang]).hideHelp(command.name() !== "taller"));
}

function localised(command: Command, lang: Lang): Command {
  command.exitOverride().configureOutput({ outputError: () => {} });
  if (lang === "en") {
    return command
      .helpOption("-h, --help", "this help")
      .configureHelp({ styleSubcommandTerm: (term) => term.replace("[options] ", "") });
  }
  const titles: Readonly<Record<string, string>> = {
    "Usage:": "Uso:",
    "Options:": "Opciones:",
    "Commands:": "Órdenes:",
    "Arguments:": "Argumentos:",
  };
  return command.helpOption("-h, --help", "esta ayuda").configureHelp({
    styleTitle: (title) => titles[title] ?? title,
    styleUsage: (usage) => usage.replace("[options]", "[opciones]").replace("[command]", "[orden]"),
    styleSubcommandTerm: (term) => term.replace("[options] ", ""),
  });
}

async function report(error: unknown, argv: readonly string[]): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    return report(usageError(error), argv);
  }
  if (error instanceof CancelledError || (error instanceof Error && error.name === "ExitPromptError"))
    return 130;
  const { printError } = await import("./report-error.ts");
  await printError(error, { argv, lang: chooseLang({ flag: flagValue(argv, "--lang"), env: process.env }) });
  if (!(error instanceof UserError)) return 70;
  return { data: 1, usage: 2, environment: 3, limit: 4 }[error.fault];
}

async function unknownCommand(name: string): Promise<UserError> {
  const { nearest } = await import("../course/ids.ts");
  const near = nearest(
    name,
    COMMANDS.map((command) => command.name),
  );
  return new UserError({
    fault: "usage",
    code: "unknown-command",
    what: { es: `No conozco la orden «${name}».`, en: `There is no command "${name}".` },
    next: [
      ...(near === undefined
        ? []
        : [{ es: `¿Querías decir  taller ${near}?`, en: `Did you mean  taller ${near}?` }]),
      { es: "taller --help", en: "taller --help" },
    ],
  });
}

/** Commander's refusals in the learner's language; its own English words stand where we have none. */
function usageError(error: CommanderError): UserError {
  const named = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const nearest = /Did you mean ([^?]*)\?/.exec(error.message)?.[1];
  const english = error.message.replace(/^error: /, "").replace(/\n.*$/s, "");
  const spanish: Readonly<Record<string, string>> = {
    "commander.unknownOption": `no conozco la opción «${named}»`,
    "commander.missingArgument": `falta el argumento «${named}»`,
    "commander.optionMissingArgument": `a la opción «${named}» le falta su valor`,
    "commander.excessArguments": "sobran argumentos",
  };
  return new UserError({
    fault: "usage",
    code: "usage",
    what: { es: `${spanish[error.code] ?? english}.`, en: `${english}.` },
    next: [
      ...(nearest === undefined
        ? []
        : [{ es: `¿Querías decir ${nearest}?`, en: `Did you mean ${nearest}?` }]),
      { es: "taller --help", en: "taller --help" },
    ],
    cause: error,
  });
}

function flagValue(argv: readonly string[], flag: string): string | undefined {
  const inline = argv.find((arg) => arg.startsWith(`${flag}=`));
  if (inline !== undefined) return inline.slice(flag.length + 1);
  const index = argv.indexOf(flag);
  return index < 0 ? undefined : argv[index + 1];
}

function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "?";
}

/** `taller list | head -1` is no error. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
}
