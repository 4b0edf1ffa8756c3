import { join } from "node:path";
import { acquireLock } from "../../../src/course/file-lock.ts";

/** Takes the lock, says so, and holds it until it is killed: `node hold-lock.mjs FOLDER`. */
const [folder = ""] = process.argv.slice(2);
await acquireLock({ path: join(folder, "locks", "count.lock"), task: "holder" });
process.stdout.write("held\n");
setInterval(() => {}, 1_000);
