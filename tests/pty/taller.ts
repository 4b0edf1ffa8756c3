import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openTerminal, type TerminalOptions, type TestTerminal } from "./terminal.ts";

export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const toyCourse = join(repositoryRoot, "tests", "fixtures", "course");

/** The real `bin/taller.js` (built: `npm test` sees to it) in a pty, in `cwd`. */
export function openTaller(
  args: readonly string[],
  options: Omit<TerminalOptions, "command" | "args">,
): TestTerminal {
  const bin = join(repositoryRoot, "bin", "taller.js");
  return openTerminal({ ...options, command: process.execPath, args: [bin, ...args] });
}
