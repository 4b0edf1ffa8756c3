import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/**
 * Ends this process as `kill -9` does, right before its n-th operation on the file system (of those that
 * change something), or never when there are fewer. Import it before anything that uses the file system.
 */
export function killAtOperation(n: number): { operations(): number } {
  let operations = 0;
  const count = (): void => {
    operations++;
    if (operations !== n) return;
    process.kill(process.pid, "SIGKILL");
    // The signal may come a moment later: nothing more may happen until then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  };
  for (const name of ["mkdir", "open", "rename", "rm", "link", "copyFile", "writeFile"] as const) {
    const original: unknown = Reflect.get(promises, name);
    if (typeof original !== "function") throw new TypeError(`fs has no ${name}`);
    Reflect.set(promises, name, (...args: unknown[]) => {
      count();
      return Reflect.apply(original, promises, args);
    });
  }
  syncBuiltinESMExports();
  return { operations: () => operations };
}
