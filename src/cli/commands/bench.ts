import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";

interface BenchModule {
  readonly run: (options: {
    flags: Readonly<Record<string, string>>;
    folder: string;
    say: (line: string) => void;
  }) => Promise<readonly unknown[]>;
}

/** `taller bench <name> [--flag value] [--json PATH]`; benches live in a clone only, not in the package. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const folder = fileURLToPath(new URL("../../../bench", import.meta.url));
  const names = await benchNames(folder);
  const [name, ...rest] = input.args;
  if (name === undefined || !names.includes(name)) throw unknownBench(name, names);
  if (rest.includes("--help") || rest.includes("-h")) {
    context.print(
      {
        es: `taller bench ${name} [--opción valor]… [--json FICHERO]\nQué mide y con qué opciones: bench/README.md`,
        en: `taller bench ${name} [--flag value]… [--json FILE]\nWhat it measures and its flags: bench/README.md`,
      }[context.lang],
    );
    return 0;
  }
  const flags = parseFlags(rest);
  // `--json PATH`: the global flag has taken `--json`, its path is left as a plain argument.
  const jsonPath = context.isJson
    ? rest.find((arg, index) => !arg.startsWith("--") && !(rest[index - 1] ?? "").startsWith("--"))
    : undefined;
  const module = (await import(pathToFileURL(join(folder, `${name}.js`)).href)) as BenchModule;
  const { renderRows } = (await import(pathToFileURL(join(folder, "bench-row.js")).href)) as {
    renderRows: (rows: readonly unknown[]) => string;
  };
  const scratch = await mkdtemp(join(tmpdir(), "taller-bench-"));
  try {
    const rows = await module.run({ flags, folder: scratch, say: (line) => context.note(verbatim(line)) });
    // In JSON the table is a note: stdout carries only the rows.
    if (context.isJson) context.screen.note(renderRows(rows));
    else context.print(renderRows(rows));
    if (jsonPath !== undefined) await writeFileAtomic(jsonPath, `${JSON.stringify(rows, null, 1)}\n`);
    if (context.isJson) context.result(rows);
    return 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function benchNames(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((): string[] => []);
  return files
    .filter(
      (file) =>
        file.endsWith(".js") && !["bench-row.js", "process-cost.js", "process-memory.js"].includes(file),
    )
    .map((file) => file.slice(0, -3));
}

function unknownBench(name: string | undefined, names: readonly string[]): UserError {
  if (names.length === 0) {
    return new UserError({
      fault: "environment",
      code: "no-benches",
      what: {
        es: "Las mediciones no viajan en el paquete: están en el repositorio.",
        en: "Benches don't travel in the package: they are in the repository.",
      },
      next: [{ es: "en un clon:  npm run bench -- etl", en: "in a clone:  npm run bench -- etl" }],
    });
  }
  const list = names.join(", ");
  return new UserError({
    fault: "usage",
    code: "unknown-bench",
    what:
      name === undefined
        ? { es: `¿Qué mido? Hay: ${list}.`, en: `Measure what? There are: ${list}.` }
        : {
            es: `No hay medición «${name}». Hay: ${list}.`,
            en: `There is no bench "${name}". There are: ${list}.`,
          },
    next: [verbatim("npm run bench -- cli")],
  });
}

/** `--rows 200000 --json out.json` → `{ rows: "200000", json: "out.json" }`; a flag without value is "true". */
function parseFlags(args: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  for (let i = 0; i < args.length; i++) {
    const match = /^--([a-z-]+)(?:=(.*))?$/.exec(args[i] ?? "");
    if (match?.[1] === undefined) continue;
    const next = args[i + 1];
    if (match[2] !== undefined) flags[match[1]] = match[2];
    else if (next !== undefined && !next.startsWith("--")) {
      flags[match[1]] = next;
      i++;
    } else flags[match[1]] = "true";
  }
  return flags;
}
