import type { Attack } from "../attack.ts";

const noChild = { kind: "refused", what: "child-process" } as const;
const noKill = { kind: "refused", what: "kill" } as const;
const survivor = `["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" }`;
const benign =
  'return process.pid > 0 && (await import("node:util")).types.isPromise(Promise.resolve()) ? 42 : 0;';

export const processes: readonly Attack[] = [
  {
    name: "an import of child_process",
    attack: 'import { spawn } from "node:child_process";\nexport const answer = () => spawn;',
    benign: 'import { format } from "node:util";\nexport const answer = () => Number(format("%d", 42));',
    expected: { kind: "refused", what: "import", message: "node:child_process", line: 1 },
  },
  {
    name: "a forked child that would survive",
    attack: `const { spawn } = await import(world.builtin + "child_process");
      spawn(process.execPath, ${survivor}).unref(); return 42;`,
    benign,
    expected: noChild,
  },
  {
    name: "a child whose refusal is swallowed",
    attack: `const { spawn } = await import(world.builtin + "child_process");
      try { spawn(process.execPath, ${survivor}).unref(); } catch {} return 42;`,
    benign,
    expected: noChild,
  },
  {
    name: "a child by getBuiltinModule",
    attack: `process.getBuiltinModule("child_process").spawnSync("id"); return 42;`,
    benign,
    expected: noChild,
    isMissing: process.getBuiltinModule === undefined,
  },
  {
    name: "a child by createRequire",
    attack: `const { createRequire } = await import(world.builtin + "module");
      return createRequire("/x.js")("child_process").execSync("id").toString();`,
    benign,
    expected: { kind: "refused", what: "import" },
  },
  {
    name: "a child by its class",
    attack: `const { ChildProcess } = await import(world.builtin + "child_process");
      return new ChildProcess().spawn({ file: process.execPath, args: ["node", "-e", "0"], stdio: "ignore" });`,
    benign,
    expected: noChild,
  },
  {
    name: "a child by process.binding",
    attack: `return process.binding("spawn_sync").spawn({ file: process.execPath, args: ["node", "-e", "0"], stdio: [] });`,
    benign,
    expected: { kind: "refused", what: "addon" },
  },
  {
    name: "a child by cluster",
    attack: `const cluster = (await import(world.builtin + "cluster")).default; cluster.fork(); return 42;`,
    benign,
    expected: noChild,
  },
  {
    name: "another program in this process's place",
    attack: `process.execve(process.execPath, [process.execPath, "-e", "setInterval(() => {}, 1000)"], {}); return 42;`,
    benign,
    expected: noChild,
    isMissing: !("execve" in process),
  },
  {
    name: "a worker thread",
    attack: `const { Worker } = await import(world.builtin + "worker_threads");
      new Worker("setInterval(() => {}, 1000)", { eval: true }); return 42;`,
    benign,
    expected: { kind: "refused", what: "worker" },
  },
  {
    name: "an addon",
    attack: "process.dlopen({ exports: {} }, world.canary); return 42;",
    benign,
    expected: { kind: "refused", what: "addon" },
  },
  {
    name: "a kill of the parent",
    attack: 'process.kill(process.ppid, "SIGKILL"); return 42;',
    benign,
    expected: noKill,
  },
  {
    name: "a kill of the parent that is swallowed",
    attack: 'try { process.kill(world.parentPid, "SIGKILL"); } catch {} return 42;',
    benign,
    expected: noKill,
  },
  {
    name: "a kill of the parent beneath process.kill",
    attack: "return (process as any)._kill(world.parentPid, 9);",
    benign,
    expected: noKill,
  },
  {
    name: "a kill of the whole group",
    attack: 'process.kill(0, "SIGKILL"); return 42;',
    benign,
    expected: noKill,
  },
  {
    name: "a debugger in the parent",
    attack: "(process as any)._debugProcess(world.parentPid); return 42;",
    benign,
    expected: noKill,
  },
  {
    name: "a lower priority for the parent",
    attack: '(await import(world.builtin + "os")).setPriority(world.parentPid, 19); return 42;',
    benign,
    expected: { kind: "refused", what: "import" },
  },
];
