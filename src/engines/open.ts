import { UserError } from "../core/errors.ts";
import type { Engine, EngineOptions } from "./engine.ts";

/** The engines that this version has, by the name that `--engine` takes. */
export const ENGINE_NAMES = ["duckdb"] as const;

/**
 * Opens an engine by name. Its code is loaded here and not before, so that a command that runs no SQL
 * does not pay for it (DuckDB's addon costs about 170 ms).
 *
 * Throws a UserError for a name that is unknown, not in this version, or not installed on this system.
 */
export async function openEngine(name: string, options: EngineOptions = {}): Promise<Engine> {
  if (name === "duckdb") return (await loadDuckDb()).openDuckDb(options);
  if (name === "spark") {
    throw new UserError({
      fault: "usage",
      code: "engine-not-in-this-version",
      what: {
        es: "Esta versión no trae el motor Spark.",
        en: "The Spark engine is not in this version.",
      },
      where: "--engine spark",
      next: [
        { es: "usa --engine duckdb (o quita --engine)", en: "use --engine duckdb (or leave --engine out)" },
      ],
    });
  }
  throw new UserError({
    fault: "usage",
    code: "unknown-engine",
    what: { es: `No conozco el motor "${name}".`, en: `There is no engine "${name}".` },
    where: `--engine ${name}`,
    next: [{ es: `elige uno: ${ENGINE_NAMES.join(", ")}`, en: `pick one of: ${ENGINE_NAMES.join(", ")}` }],
  });
}

/** The addon is a binary per system: a missing or foreign one is the environment's fault, told in words. */
async function loadDuckDb(): Promise<typeof import("./duckdb/engine.ts")> {
  try {
    return await import("./duckdb/engine.ts");
  } catch (cause) {
    throw new UserError({
      fault: "environment",
      code: "duckdb-not-loadable",
      what: {
        es: `No puedo cargar DuckDB en ${process.platform}-${process.arch}.`,
        en: `I can't load DuckDB on ${process.platform}-${process.arch}.`,
      },
      next: [
        { es: "reinstala las dependencias: npm ci", en: "install the dependencies again: npm ci" },
        { es: "mira qué falta: taller doctor", en: "see what is missing: taller doctor" },
      ],
      cause,
    });
  }
}
