import { createRequire } from "node:module";
import type { RefusedWhat } from "../../sandbox/protocol.ts";
import { refusedImport } from "../ts/allowed-imports.ts";
import { type OnRefused, RefusedError } from "./close-doors.ts";
import { seededCrypto } from "./world.ts";

export type GuardedRequire = (name: unknown) => unknown;

/** What a module that is kept out would have been used for. */
const USES = new Map<string, RefusedWhat>([
  ...["net", "http", "https", "http2", "tls", "dgram", "dns", "dns/promises", "inspector"].map(
    (name): [string, RefusedWhat] => [name, "network"],
  ),
  ["child_process", "child-process"],
  ["cluster", "child-process"],
  ["worker_threads", "worker"],
]);

/**
 * The only way from a submission to Node's modules: the harmless ones, `node:crypto` with seeded random
 * numbers. `import()` is compiled into a call of it, and `process.getBuiltinModule` becomes one.
 */
export function guardRequire(onRefused: OnRefused): GuardedRequire {
  const load = createRequire(__filename);
  const guarded: GuardedRequire = (name) => {
    const path = String(name);
    const bare = path.replace(/^node:/, "");
    if (refusedImport(path) !== undefined) {
      const error = new RefusedError(USES.get(bare) ?? "import", path);
      onRefused(error);
      throw error;
    }
    return bare === "crypto" ? seededCrypto() : (load(`node:${bare}`) as unknown);
  };
  Object.defineProperty(process, "getBuiltinModule", { value: guarded });
  return guarded;
}
