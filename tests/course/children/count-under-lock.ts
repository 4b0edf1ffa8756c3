import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "../../../src/course/file-lock.ts";

/** Adds one to a number in a file, so many times, each under the lock: `node count-under-lock.mjs FOLDER TIMES`. */
const [folder = "", times = ""] = process.argv.slice(2);
for (let i = 0; i < Number(times); i++) {
  const release = await acquireLock({ path: join(folder, "locks", "count.lock"), task: "count" });
  const count = Number(readFileSync(join(folder, "count"), "utf8"));
  await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(join(folder, "count"), String(count + 1));
  release();
}
