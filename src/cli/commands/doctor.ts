import { access, constants, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { messageOf, UserError } from "../../core/errors.ts";
import { type Text, verbatim } from "../../core/text.ts";
import { nearest } from "../../course/ids.ts";
import { workspaceDirs } from "../../course/workspace.ts";
import { openEngine } from "../../engines/open.ts";
import { SELECTING_VARIABLE } from "../../services/set/real.ts";
import { SERVICE_TITLES, SERVICES, type ServiceName } from "../../services/set/service.ts";
import { serviceState } from "../../services/set/state.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { serviceTexts } from "../texts/services.ts";
import { formatBytes } from "../ui/numbers.ts";
import { generatedFiles } from "./data.ts";

type Status = "ok" | "warning" | "failed";

interface Finding {
  readonly id: string;
  readonly status: Status;
  readonly detail: Text;
  readonly fix?: Text | undefined;
}

/**
 * `taller doctor [what…]`: what works here, and how to fix what does not. Exit 3 when something needed fails, or a
 * real service that a variable names does not answer.
 */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const ids = Object.keys(PROBES);
  const unknown = input.args.find((id) => !ids.includes(id));
  if (unknown !== undefined) throw unknownCheck(unknown, ids);
  const asked = input.args.length === 0 ? ids : input.args;
  const findings: Finding[] = [];
  for (const id of asked) {
    const found = PROBES[id]?.(context);
    if (found !== undefined) findings.push(await found.catch((error: unknown) => crashed(id, error)));
  }
  const isOk = findings.every((finding) => finding.status !== "failed");
  if (context.isJson) {
    const checks = findings.map((finding) => ({
      id: finding.id,
      status: finding.status,
      detail: finding.detail[context.lang],
      fix: finding.fix?.[context.lang],
    }));
    context.result({ ok: isOk, checks });
    return isOk ? 0 : 3;
  }
  const { colors } = context.screen.look();
  const words: Record<Status, string> = {
    ok: colors.green(context.lang === "es" ? "bien" : "ok"),
    warning: colors.yellow(context.lang === "es" ? "aviso" : "warning"),
    failed: colors.red(context.lang === "es" ? "FALLA" : "FAILED"),
  };
  const wordWidth = 8;
  for (const finding of findings) {
    const word = words[finding.status];
    const bare = finding.status === "ok" ? 2 : 7;
    const pad = " ".repeat(
      Math.max(
        1,
        wordWidth - (context.lang === "es" ? { ok: 4, warning: 5, failed: 5 }[finding.status] : bare),
      ),
    );
    context.print(` ${word}${pad}${finding.id.padEnd(11)} ${finding.detail[context.lang]}`);
    if (finding.fix !== undefined) context.print(`${" ".repeat(21)} ${finding.fix[context.lang]}`);
  }
  return isOk ? 0 : 3;
}

const PROBES: Readonly<Record<string, (context: CliContext) => Promise<Finding>>> = {
  node: checkNode,
  engine: checkEngine,
  types: checkTypeScript,
  sandbox: checkSandbox,
  workspace: checkWorkspace,
  disk: checkDisk,
  terminal: checkTerminal,
  course: checkCourse,
  ...Object.fromEntries(SERVICES.map((name) => [name, (context: CliContext) => checkService(name, context)])),
};

/** Embedded or by which address, whether it answers, and its version. */
async function checkService(name: ServiceName, context: CliContext): Promise<Finding> {
  const found = await serviceState(name, await context.workspaceFolder(), context.env);
  const facts = [found.address, found.version, found.problem].filter((fact) => fact !== undefined);
  const say = (lang: "es" | "en") =>
    [`${SERVICE_TITLES[name]}: ${serviceTexts.states[found.state][lang]}`, ...facts].join(" · ");
  const detail = { es: say("es"), en: say("en") };
  if (found.state !== "unreachable") return { id: name, status: "ok", detail };
  const variable = SELECTING_VARIABLE[name];
  const fix = { es: serviceTexts.useIncluded.es(variable), en: serviceTexts.useIncluded.en(variable) };
  return { id: name, status: "failed", detail, fix };
}

function unknownCheck(given: string, ids: readonly string[]): UserError {
  const near = nearest(given, ids);
  return new UserError({
    fault: "usage",
    code: "unknown-check",
    what: { es: `El doctor no mira «${given}».`, en: `The doctor does not look at "${given}".` },
    next: [
      ...(near === undefined ? [] : [{ es: `¿Querías decir «${near}»?`, en: `Did you mean "${near}"?` }]),
      verbatim(`taller doctor ${ids.join(" ")}`),
    ],
  });
}

async function checkNode(): Promise<Finding> {
  const { node } = process.versions;
  const cores = availableParallelism();
  const memory = totalmem();
  return {
    id: "node",
    status: "ok",
    detail: {
      es: `Node ${node} en ${process.platform}-${process.arch}, ${cores} núcleos, ${formatBytes(memory, "es")} de memoria`,
      en: `Node ${node} on ${process.platform}-${process.arch}, ${cores} cores, ${formatBytes(memory, "en")} of memory`,
    },
  };
}

async function checkEngine(): Promise<Finding> {
  const engine = await openEngine("duckdb");
  try {
    const table = await engine.query("SELECT 6 * 7 AS answer");
    const text = `DuckDB ${engine.version}`;
    return table.rowCount === 1
      ? { id: "engine", status: "ok", detail: { es: text, en: text } }
      : crashed("engine", "no rows");
  } finally {
    await engine.close();
  }
}

async function checkTypeScript(): Promise<Finding> {
  const { compilerPath } = await import("../../grading/type-errors.ts");
  const path = await compilerPath();
  if (path !== undefined)
    return {
      id: "types",
      status: "ok",
      detail: { es: "TypeScript, para los errores de tipos", en: "TypeScript, for type errors" },
    };
  return {
    id: "types",
    status: "warning",
    detail: {
      es: "no encuentro el compilador de TypeScript: se corrige igual, sin errores de tipos",
      en: "the TypeScript compiler is missing: grading works, without type errors",
    },
    fix: { es: "npm ci  (sin --omit=optional)", en: "npm ci  (without --omit=optional)" },
  };
}

async function checkSandbox(context: CliContext): Promise<Finding> {
  const { harnessPath } = await import("../../grading/sandbox/harness-path.ts");
  const path = await harnessPath("ts");
  await access(path, constants.R_OK);
  void context;
  return {
    id: "sandbox",
    status: "ok",
    detail: {
      es: "lo que entregas se ejecuta aparte, sin red",
      en: "what you submit runs apart, without a network",
    },
  };
}

async function checkWorkspace(context: CliContext): Promise<Finding> {
  const folder = await context.workspaceFolder();
  const base = await existing(folder);
  const probe = await mkdtemp(join(base, ".taller-probe-"));
  try {
    await writeFile(join(probe, "probe"), "x");
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
  const isThere = base === folder;
  return {
    id: "workspace",
    status: "ok",
    detail: isThere
      ? { es: folder, en: folder }
      : { es: `se creará en ${folder}`, en: `will be made in ${folder}` },
  };
}

async function checkDisk(context: CliContext): Promise<Finding> {
  const folder = await context.workspaceFolder();
  const disk = await statfs(await existing(folder));
  const freeBytes = disk.bavail * disk.bsize;
  const used = (await generatedFiles(workspaceDirs(folder).data)).reduce(
    (sum, file) => sum + file.sizeBytes,
    0,
  );
  const isTight = freeBytes < 2_000_000_000;
  return {
    id: "disk",
    status: freeBytes < 100_000_000 ? "failed" : isTight ? "warning" : "ok",
    detail: {
      es: `${formatBytes(freeBytes, "es")} libres; datos generados: ${formatBytes(used, "es")}`,
      en: `${formatBytes(freeBytes, "en")} free; generated data: ${formatBytes(used, "en")}`,
    },
    fix: isTight ? { es: "taller data clean", en: "taller data clean" } : undefined,
  };
}

async function checkTerminal(context: CliContext): Promise<Finding> {
  const look = context.screen.look();
  const kind = context.screen.isInteractive
    ? { es: "interactivo", en: "interactive" }
    : { es: "sin teclas (tubería, CI o --plain)", en: "no keys (pipe, CI or --plain)" };
  const charset = look.isUnicode ? "UTF-8" : "ASCII";
  const narrow = look.columns < 60;
  return {
    id: "terminal",
    status: narrow ? "warning" : "ok",
    detail: {
      es: `${look.columns} columnas, ${charset}, ${kind.es}`,
      en: `${look.columns} columns, ${charset}, ${kind.en}`,
    },
    fix: narrow ? { es: "ensánchalo a 60 columnas o más", en: "widen it to 60 columns or more" } : undefined,
  };
}

async function checkCourse(context: CliContext): Promise<Finding> {
  const course = await context.course();
  const ready = course.modules.filter((module) => module.state === "ready").length;
  const exercises = course.modules.reduce((sum, module) => sum + module.exercises.length, 0);
  return {
    id: "course",
    status: course.modules.length === 0 ? "failed" : "ok",
    detail: {
      es: `${course.modules.length} módulos (${ready} con lección), ${exercises} ejercicios`,
      en: `${course.modules.length} modules (${ready} with a lesson), ${exercises} exercises`,
    },
  };
}

function crashed(name: string, error: unknown): Finding {
  const id = name.replace(/^check/, "").toLowerCase();
  const message = typeof error === "string" ? error : messageOf(error);
  return {
    id,
    status: "failed",
    detail: { es: message, en: message },
    fix: { es: "npm ci, y otra vez taller doctor", en: "npm ci, then taller doctor again" },
  };
}

/** The folder itself, or the nearest one above it that is there. */
async function existing(folder: string): Promise<string> {
  try {
    await access(folder, constants.F_OK);
    return folder;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : existing(parent);
  }
}
