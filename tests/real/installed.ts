import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";

/** What `bash tests/real/setup.sh <name>` installs, and whether its absence is a failure. */
export function realSystem(name: string) {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const home = join(process.env.TALLER_REAL_HOME ?? join(cache, "taller-real"), name);
  const isInstalled = existsSync(join(home, "ready"));
  const isRequired = (process.env.TALLER_REQUIRE ?? "").split(",").includes(name);
  return {
    home,
    python: join(home, "venv", "bin", "python"),
    isSkipped: !isInstalled && !isRequired,
    /** For a test's name, so that what is skipped says why. */
    note: isInstalled ? "" : ` (not installed: bash tests/real/setup.sh ${name})`,
  };
}

/** A port that was free a moment ago, for a server that can't choose one itself. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Tries until it works; throws the last error after the deadline. */
export async function eventually<T>(work: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  for (const deadline = performance.now() + timeoutMs; ; ) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
