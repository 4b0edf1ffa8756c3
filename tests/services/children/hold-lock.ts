import { lockFolder } from "../../../src/services/folder-lock.ts";

/** Holds a folder's lock until it is killed. */
await lockFolder(process.argv[2] ?? "", "holder");
console.log("held");
setInterval(() => {}, 60_000);
