import type { Attack } from "../attack.ts";

const noRead = { kind: "refused", what: "read" } as const;
const noImport = { kind: "refused", what: "import" } as const;
const noWrite = { kind: "refused", what: "write" } as const;
const fs = "const fs = await import(world.builtin + 'fs');";
const benign = `${fs} fs.writeFileSync("own", "42"); return Number(fs.readFileSync("own", "utf8"));`;
const isLinux = process.platform === "linux";

export const readingOutside: readonly Attack[] = [
  {
    name: "fs.readFileSync",
    attack: `import { readFileSync } from "node:fs";\nexport const answer = (world: any) => readFileSync(world.canary, "utf8");`,
    benign: `import { writeFileSync, readFileSync } from "node:fs";
      export function answer() { writeFileSync("own", "42"); return Number(readFileSync("own", "utf8")); }`,
    expected: { ...noRead, file: "answer.ts", line: 2 },
  },
  {
    name: "fs/promises",
    attack: `const fs = await import("node:fs/promises"); return fs.readFile(world.canary, "utf8");`,
    benign: `const fs = await import("node:fs/promises"); await fs.writeFile("own", "42"); return Number(await fs.readFile("own", "utf8"));`,
    expected: noRead,
  },
  {
    name: "a path that climbs out of its folder",
    attack: `${fs} return fs.readFileSync(process.cwd() + "/../" + "../".repeat(20) + world.canary, "utf8");`,
    benign,
    expected: noRead,
  },
  {
    name: "a path in bytes",
    attack: `${fs} return fs.readFileSync(new TextEncoder().encode(world.canary), "utf8");`,
    benign,
    expected: noRead,
  },
  {
    name: "a stream",
    attack: `${fs} let text = ""; for await (const part of fs.createReadStream(world.canary, "utf8")) text += part; return text;`,
    benign,
    expected: noRead,
  },
  {
    name: "a blob",
    attack: `${fs} return (await fs.openAsBlob(world.canary)).text();`,
    benign,
    expected: noRead,
  },
  { name: "a listing", attack: `${fs} return fs.readdirSync(world.outside);`, benign, expected: noRead },
  {
    name: "a copy into its folder",
    attack: `${fs} fs.copyFileSync(world.canary, "stolen"); return fs.readFileSync("stolen", "utf8");`,
    benign,
    expected: noRead,
  },
  {
    name: "a move into its folder",
    attack: `${fs} fs.renameSync(world.canary, "stolen"); return fs.readFileSync("stolen", "utf8");`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a symbolic link",
    attack: `${fs} fs.symlinkSync(world.canary, "link"); return fs.readFileSync("link", "utf8");`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a relative symbolic link",
    attack: `${fs} fs.symlinkSync("../".repeat(20) + world.canary.slice(1), "link"); return fs.readFileSync("link", "utf8");`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a hard link",
    attack: `${fs} fs.linkSync(world.canary, "link"); return fs.readFileSync("link", "utf8");`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "an import of a module outside",
    attack: `return (await import(world.canaryModule)).secret;`,
    benign,
    expected: noImport,
  },
  {
    name: "an import of JSON outside",
    attack: `return (await import(world.canaryJson, { with: { type: "json" } })).default;`,
    benign,
    expected: noImport,
  },
  {
    name: "require",
    attack: `const { createRequire } = await import(world.builtin + "module"); return createRequire("/x.js")(world.canaryJson);`,
    benign,
    expected: noImport,
  },
  {
    name: "require by the main module",
    attack: `return (process as any).mainModule.require(world.canaryJson);`,
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "process.binding",
    attack: `return (process as any).binding("fs").readFileUtf8(world.canary, 0);`,
    benign,
    expected: { kind: "refused", what: "addon" },
  },
  {
    name: "a file of environment variables",
    attack: `(process as any).loadEnvFile(world.canary); return process.env;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "WASI",
    attack: `const { WASI } = await import(world.builtin + "wasi"); new WASI({ version: "preview1", preopens: { "/": world.outside } }); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "SQLite",
    attack: `const { DatabaseSync } = await import(world.builtin + "sqlite");
      const db = new DatabaseSync(world.outside + "/db"); db.exec("create table t (x)"); return 42;`,
    benign,
    expected: noImport,
  },
  {
    name: "fetch of a file",
    attack: `return (await fetch("file://" + world.canary)).text();`,
    benign,
    expected: { kind: "refused", what: "network" },
  },
  {
    name: "its own environment in /proc",
    attack: `${fs} return fs.readFileSync("/proc/self/environ", "utf8");`,
    benign,
    expected: noRead,
    isMissing: !isLinux,
  },
  {
    name: "the parent's environment in /proc",
    attack: `${fs} return fs.readFileSync("/proc/" + process.ppid + "/environ", "utf8");`,
    benign,
    expected: noRead,
    isMissing: !isLinux,
  },
  {
    name: "the root in /proc",
    attack: `${fs} return fs.readFileSync("/proc/self/root" + world.canary, "utf8");`,
    benign,
    expected: noRead,
    isMissing: !isLinux,
  },
  {
    name: "whether a file is there",
    attack: `${fs} return fs.existsSync(world.canary) ? 42 : 0;`,
    benign,
    expected: noRead,
  },
];

export const writingOutside: readonly Attack[] = [
  {
    name: "fs.writeFileSync",
    attack: `${fs} fs.writeFileSync(world.outside + "/new", "x"); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "an append",
    attack: `${fs} fs.appendFileSync(world.canary, "x"); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "a truncation",
    attack: `${fs} fs.truncateSync(world.canary, 0); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a removal",
    attack: `${fs} fs.rmSync(world.canary); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  { name: "an unlink", attack: `${fs} fs.unlinkSync(world.canary); return 42;`, benign, expected: noWrite },
  {
    name: "a new folder",
    attack: `${fs} fs.mkdirSync(world.outside + "/new"); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "a stream",
    attack: `${fs} const out = fs.createWriteStream(world.outside + "/new"); await new Promise((done, fail) => { out.on("error", fail); out.on("finish", done); out.end("x"); }); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "a copy out of its folder",
    attack: `${fs} fs.writeFileSync("own", "x"); fs.copyFileSync("own", world.outside + "/new"); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "a move out of its folder",
    attack: `${fs} fs.writeFileSync("own", "x"); fs.renameSync("own", world.canary); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "other permissions",
    attack: `${fs} fs.chmodSync(world.canary, 0o777); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "another time stamp",
    attack: `${fs} fs.utimesSync(world.canary, 0, 0); return 42;`,
    benign,
    expected: noWrite,
  },
  {
    name: "a diagnostic report",
    attack: `process.report.writeReport(world.outside + "/new"); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a heap snapshot",
    attack: `(await import(world.builtin + "v8")).writeHeapSnapshot(world.outside + "/new"); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "V8's flags",
    attack: `(await import(world.builtin + "v8")).setFlagsFromString("--logfile=" + world.outside + "/new"); return 42;`,
    benign,
    expected: noImport,
  },
  {
    name: "traces into another folder",
    attack: `process.chdir(world.outside); (await import(world.builtin + "trace_events")).createTracing({ categories: ["v8"] }).enable(); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "traces into the current folder",
    attack: `(await import(world.builtin + "trace_events")).createTracing({ categories: ["v8"] }).enable(); return 42;`,
    benign,
    expected: noImport,
  },
  {
    name: "a compile cache",
    attack: `const module = await import(world.builtin + "module"); module.enableCompileCache(world.outside + "/cache"); await import(process.cwd() + "/submission.mjs?again"); return 0;`,
    benign,
    expected: noImport,
    isMissing: Number.parseInt(process.versions.node, 10) < 22,
  },
  {
    name: "the harness itself",
    attack: `${fs} fs.writeFileSync(process.argv[1], ""); return 42;`,
    benign,
    expected: noWrite,
  },
];
