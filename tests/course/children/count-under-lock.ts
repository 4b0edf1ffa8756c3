import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "../../../src/course/file-lock.ts";

/**
 * Adds one to a number in a file, so many times, each under the lock, and never releases it: it leaves the lock
 * of a dead process, so that every waiter finds one at once. `node count-under-lock.mjs FOLDER TIMES DEAD-OWNER`.
 */
const [folder = "", times = "", dead = ""] = process.argv.slice(2);
const path = join(folder, "locks", "count.lock");
for (let i = 0; i < Number(times); i++) {
  await acquireLock({ path, task: "count", pollMs: 1 });
  const count = Number(readFileSync(join(folder, "count"), "utf8"));
  writeFileSync(join(folder, "count"), String(count + 1));
  writeFileSync(`${path}.dead-${process.pid}`, dead);
  renameSync(`${path}.dead-${process.pid}`, path);
}
