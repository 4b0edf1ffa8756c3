/** The learner's door: tables, the ML core, streams and types; no native addon and no I/O on import. */
export * from "./core/tables.ts";
export * from "./ml/index.ts";
export * from "./streaming/index.ts";
