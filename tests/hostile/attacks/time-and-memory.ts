import type { Attack } from "../attack.ts";

const endless = { kind: "time-limit" } as const;

export const timeAndMemory: readonly Attack[] = [
  {
    name: "a loop that never ends",
    attack: "for (;;);",
    benign: "let n = 0; for (let i = 0; i < 1e7; i++) n = i; return n > 0 ? 42 : 0;",
    expected: endless,
    limits: { timeMs: 1_000 },
  },
  {
    name: "a recursion that never ends",
    attack: "const deep = (n: number): number => deep(n + 1) + 1; return deep(0);",
    benign: "const deep = (n: number): number => (n === 0 ? 42 : deep(n - 1)); return deep(1_000);",
    expected: { kind: "threw" },
  },
  {
    name: "promises that never let the loop turn",
    attack: "const spin = (): Promise<void> => Promise.resolve().then(spin); await spin();",
    benign: "for (let i = 0; i < 1_000; i++) await Promise.resolve(); return 42;",
    // It grows as it turns: on Node 24 the memory may be full before the second is over.
    expected: [{ kind: "time-limit" }, { kind: "memory-limit" }],
    limits: { timeMs: 1_000 },
  },
  {
    name: "an await that never resolves",
    attack: "await new Promise(() => {});",
    benign: "await new Promise((resolve) => setTimeout(resolve, 5)); return 42;",
    expected: endless,
    limits: { timeMs: 1_000 },
  },
  {
    name: "an await that never resolves while the file loads",
    attack: "await new Promise(() => {});\nexport const answer = () => 42;",
    benign: "await new Promise((resolve) => setTimeout(resolve, 5));\nexport const answer = () => 42;",
    expected: endless,
    limits: { timeMs: 1_000 },
  },
  {
    name: "a pattern that backtracks for ever",
    attack: 'return /^(a+)+$/.test("a".repeat(60) + "b") ? 1 : 2;',
    benign: 'return /^a+$/.test("a".repeat(60)) ? 42 : 0;',
    expected: endless,
    limits: { timeMs: 1_000 },
  },
  {
    name: "a clock that is waited for, and stands still",
    attack: "const end = Date.now() + 10; while (Date.now() < end); return 42;",
    benign: "return Date.now() === Date.now() ? 42 : 0;",
    expected: endless,
    limits: { timeMs: 1_000 },
  },
  {
    name: "4 GB of buffers",
    attack: `const kept: Buffer[] = [];
      for (let i = 0; i < 64; i++) { kept.push(Buffer.alloc(64 * 1024 * 1024, 1)); await new Promise((r) => setTimeout(r, 1)); }
      return kept.length;`,
    benign: "return Buffer.alloc(16 * 1024 * 1024, 1).length > 0 ? 42 : 0;",
    expected: { kind: "memory-limit", limitMb: 256 },
  },
  {
    name: "4 GB of buffers without a pause",
    attack: `const kept: Buffer[] = [];
      for (let i = 0; i < 64; i++) kept.push(Buffer.alloc(64 * 1024 * 1024, 1));
      return kept.length;`,
    benign: "return Buffer.alloc(16 * 1024 * 1024, 1).length > 0 ? 42 : 0;",
    expected: { kind: "memory-limit", limitMb: 256 },
  },
  {
    name: "a heap that only grows",
    attack: "const kept: object[] = []; for (;;) kept.push({ a: kept.length, b: [kept.length] });",
    benign: "return Array.from({ length: 100_000 }, (_, i) => ({ i })).length > 0 ? 42 : 0;",
    expected: { kind: "memory-limit", limitMb: 64 },
    limits: { memoryMb: 64 },
  },
  {
    name: "memory of WebAssembly",
    attack: `const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
      for (;;) { memory.grow(256); new Uint8Array(memory.buffer).fill(1); await new Promise((r) => setTimeout(r, 1)); }`,
    benign: "return new WebAssembly.Memory({ initial: 1 }).buffer.byteLength === 65536 ? 42 : 0;",
    expected: { kind: "memory-limit", limitMb: 256 },
  },
  {
    name: "a flood of output",
    attack: 'const line = "x".repeat(1_000); for (;;) console.log(line);',
    benign: 'console.log("a line"); return 42;',
    expected: { kind: "output-limit" },
  },
  {
    name: "a flood on the error stream",
    attack: 'const line = "x".repeat(1_000); for (;;) console.error(line);',
    benign: 'console.error("a line"); return 42;',
    expected: { kind: "output-limit" },
  },
  {
    name: "a disk filled by one file",
    attack: `const fs = await import("node:fs");
      const block = Buffer.alloc(1024 * 1024, 1);
      for (;;) { fs.appendFileSync("big", block); await new Promise((r) => setTimeout(r, 1)); }`,
    benign: 'const fs = await import("node:fs"); fs.writeFileSync("small", "x"); return 42;',
    expected: { kind: "disk-limit", limitMb: 8 },
  },
  {
    name: "a disk filled by many files, in folders",
    attack: `const fs = await import("node:fs");
      for (let i = 0; ; i++) { fs.mkdirSync("d" + i); fs.writeFileSync("d" + i + "/f", Buffer.alloc(256 * 1024, 1)); }`,
    benign: 'const fs = await import("node:fs"); fs.mkdirSync("d"); fs.writeFileSync("d/f", "x"); return 42;',
    expected: { kind: "disk-limit", limitMb: 8 },
  },
  {
    name: "a result that is huge",
    attack: "return new Uint8Array(100_000_000);",
    benign: "return new Uint8Array(100).length === 100 ? 42 : 0;",
    expected: { kind: "not-data" },
  },
];
