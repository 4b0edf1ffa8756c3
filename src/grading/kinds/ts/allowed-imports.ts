/** Node's modules that the permission flags leave harmless; a submission may import these. */
const HARMLESS = new Set([
  "assert",
  "assert/strict",
  "async_hooks",
  "buffer",
  "crypto",
  "events",
  "fs",
  "fs/promises",
  "path",
  "path/posix",
  "path/win32",
  "perf_hooks",
  "querystring",
  "stream",
  "stream/consumers",
  "stream/promises",
  "stream/web",
  "string_decoder",
  "timers",
  "timers/promises",
  "url",
  "util",
  "util/types",
  "zlib",
]);

/** Why an import has no place in the sandbox: the name itself; undefined when it has one. */
export function refusedImport(path: string): string | undefined {
  return HARMLESS.has(path.replace(/^node:/, "")) ? undefined : path;
}
