import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beginReplacement } from "../../../src/engines/folder-swap.ts";
import { killAtOperation } from "./kill-at-operation.ts";

/** Replaces a folder by one of three files that all say `new`, and is killed at the operation given. */
const [target = "", at = "0"] = process.argv.slice(2);
const counter = killAtOperation(Number(at));
const replacement = await beginReplacement(target);
await mkdir(replacement.beside);
await mkdir(join(replacement.beside, "p=1"));
for (const name of ["a", "b", join("p=1", "c")]) await writeFile(join(replacement.beside, name), "new");
await replacement.commit();
console.log(counter.operations());
