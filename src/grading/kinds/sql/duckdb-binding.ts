import { createRequire } from "node:module";

/**
 * The path of DuckDB's native binding, which the sandboxed process loads itself: it can't look for it,
 * node_modules is not readable there.
 */
export function duckdbBindingPath(): string {
  const fromApi = createRequire(createRequire(import.meta.url).resolve("@duckdb/node-api"));
  const fromBindings = createRequire(fromApi.resolve("@duckdb/node-bindings"));
  const platform = `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
  return fromBindings.resolve(`@duckdb/node-bindings-${platform}/duckdb.node`);
}

/** Only glibc says its version in Node's report. */
function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
