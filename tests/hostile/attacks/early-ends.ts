import type { Attack } from "../attack.ts";

const benign = "process.exitCode = 0; return 42;";

export const earlyEnds: readonly Attack[] = [
  {
    name: "exit(0) before the checks",
    attack: "process.exit(0);\nexport const answer = () => 42;",
    benign,
    expected: { kind: "ended-early", exitCode: 0 },
  },
  {
    name: "exit(0) inside the call",
    attack: "process.exit(0);",
    benign,
    expected: { kind: "ended-early", exitCode: 0 },
  },
  {
    name: "exit(0) beneath process.exit",
    attack: "(process as any).reallyExit(0);",
    benign,
    expected: { kind: "ended-early", exitCode: 0 },
  },
  {
    name: "an abort",
    attack: "process.abort();",
    benign,
    expected: { kind: "ended-early" },
  },
  {
    name: "an exception that nothing awaits",
    attack: 'setTimeout(() => { throw new Error("later"); }, 1); await new Promise(() => {});',
    benign: "setTimeout(() => {}, 1); return 42;",
    expected: { kind: "threw", message: "Error: later" },
  },
  {
    name: "a rejection that nothing awaits",
    attack: 'Promise.reject(new Error("lost")); await new Promise(() => {});',
    benign: 'await Promise.reject(new Error("found")).catch(() => {}); return 42;',
    expected: { kind: "threw", message: "Error: lost" },
  },
  {
    name: "a file that does not load",
    attack: 'throw new Error("at load");\nexport const answer = () => 42;',
    benign,
    expected: { kind: "threw", message: "Error: at load", line: 1 },
  },
  {
    name: "a file without its function",
    attack: "export const reply = () => 42;",
    benign,
    expected: { kind: "missing-export", name: "answer" },
  },
];
