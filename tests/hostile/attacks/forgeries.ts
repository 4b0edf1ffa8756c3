import { serialize } from "node:v8";
import type { Attack } from "../attack.ts";

const verdict =
  '{\\"passed\\":true,\\"state\\":\\"passed\\",\\"checks\\":[{\\"id\\":\\"answer\\",\\"passed\\":true}]}';
const benign = 'console.log("I print"); return 42;';
/** Answers as the harness would write them, for the first requests. */
const bodies = JSON.stringify([0, 1, 2, 3, 4].map((id) => [...serialize({ kind: "answer", id, value: 42 })]));
/** A frame as the harness writes it, with these 16 bytes for a nonce. */
const frame = (nonce: string) => `const fs = await import(world.builtin + "fs");
  const frameOf = (id: number) => { const body = Buffer.from(${bodies}[id]); const head = Buffer.alloc(20);
    head.writeUInt32LE(16 + body.length, 0); Buffer.from(${nonce}).copy(head, 4); return Buffer.concat([head, body]); };`;

export const forgeries: readonly Attack[] = [
  { name: "a printed verdict", attack: `console.log("${verdict}"); return 0;`, benign, expected: "failed" },
  {
    name: "a printed verdict, then exit(0)",
    attack: `console.log("${verdict}"); process.exit(0);`,
    benign,
    expected: { kind: "ended-early", exitCode: 0 },
  },
  {
    name: "a message by process.send",
    attack: `(process as any).send({ kind: "answer", id: 2, value: 42 }); return 0;`,
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "a channel of its own",
    attack: `return (process as any).channel === undefined ? 0 : 42;`,
    benign,
    expected: "failed",
  },
  {
    name: "forged answers on the channel",
    attack: `${frame("Buffer.alloc(16)")} for (let id = 1; id < 5; id++) fs.writeSync(4, frameOf(id)); await new Promise(() => {});`,
    benign,
    expected: { kind: "refused", what: "channel" },
  },
  {
    name: "forged answers before the file has loaded",
    attack: `const world = { builtin: "node:" }; ${frame("Buffer.alloc(16, 7)")} for (let id = 1; id < 5; id++) fs.writeSync(4, frameOf(id));\nexport const answer = () => 0;`,
    benign,
    expected: { kind: "refused", what: "channel" },
  },
  {
    name: "rubbish on the channel",
    attack: `const fs = await import(world.builtin + "fs"); fs.writeSync(4, "x".repeat(100)); await new Promise(() => {});`,
    benign,
    expected: { kind: "refused", what: "channel" },
  },
  {
    name: "a huge frame on the channel",
    attack: `const fs = await import(world.builtin + "fs"); fs.writeSync(4, Buffer.alloc(32, 255)); await new Promise(() => {});`,
    benign,
    expected: { kind: "refused", what: "channel" },
  },
  {
    name: "the nonce looked for in what is written",
    attack: `const fs = (await import(world.builtin + "fs")).default; const seen: unknown[] = [];
      (fs as any).writeSync = (...args: unknown[]) => { seen.push(args); return 1e9; };
      (Uint8Array.prototype as any).set = function (...args: unknown[]) { seen.push(args); };
      (Buffer as any).allocUnsafe = (n: number) => { seen.push(n); return Buffer.alloc(n); };
      setTimeout(() => { if (seen.length > 0) process.exit(3); }, 50); return 0;`,
    benign,
    expected: "failed",
  },
  {
    name: "the nonce looked for in the pool of buffers",
    attack: `${frame("nonce")} const pool = Buffer.from(Buffer.from("x").buffer);
      for (let i = 16; i < pool.length - 1; i++) if (pool[i] === 255 && pool[i + 1] === 15 && pool.subarray(i - 16, i).some((byte) => byte > 0)) {
        nonce = Buffer.from(pool.subarray(i - 16, i)); fs.writeSync(4, frameOf(2)); } return 0;`.replace(
      "const frameOf",
      "let nonce = Buffer.alloc(16); const frameOf",
    ),
    benign,
    expected: "failed",
  },
  {
    name: "the nonce looked for in the callers' arguments",
    attack:
      `${frame("nonce")} const walk = new Function("found", "for (let f = arguments.callee.caller; f; f = f.caller) for (const a of f.arguments) found(a);");
      return { get x() { walk((a: unknown) => { if (a instanceof Uint8Array && a.length === 16) { nonce = Buffer.from(a); fs.writeSync(4, frameOf(2)); } }); return 0; } };`.replace(
        "const frameOf",
        "let nonce = Buffer.alloc(16); const frameOf",
      ),
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "the requests read away",
    attack: `const fs = await import(world.builtin + "fs"); const b = Buffer.alloc(1000); for (;;) { try { fs.readSync(3, b); } catch {} }`,
    benign,
    expected: { kind: "time-limit" },
    limits: { timeMs: 1_000 },
  },
];

/** What is overwritten is the submission's own: its answer is no better for it, and the next one is whole. */
export const tampering: readonly Attack[] = [
  {
    name: "JSON and Array",
    attack:
      "(JSON as any).stringify = () => '42'; (Array.prototype as any).map = () => [42]; (Array as any).isArray = () => true; return 0;",
    benign,
    expected: "failed",
  },
  {
    name: "Promise",
    attack:
      "(Promise.prototype as any).then = function (ok: any) { ok(42); return this; }; (globalThis as any).Promise = class {}; return 0;",
    benign,
    expected: "failed",
  },
  {
    name: "Reflect, Function and Object",
    attack:
      "(Reflect as any).apply = () => 42; (Function.prototype as any).call = () => 42; (Function.prototype as any).apply = () => 42; (Object as any).keys = () => []; (Object as any).getPrototypeOf = () => null; return 0;",
    benign,
    expected: "failed",
  },
  {
    name: "properties that every object gets",
    attack:
      "for (const [name, value] of Object.entries({ value: 42, id: 2, passed: true, state: 'passed', kind: 'answer' })) Object.defineProperty(Object.prototype, name, { get: () => value, set: () => {}, configurable: true }); return 0;",
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "iterators",
    attack: "(Array.prototype as any)[Symbol.iterator] = function* () { yield 42; }; return 0;",
    benign,
    expected: "failed",
  },
  {
    name: "a value that changes when it is looked at",
    attack: "let n = 0; return { get x() { return n++ === 0 ? 1 : () => 42; } };",
    benign,
    expected: { kind: "not-data" },
  },
  {
    name: "a value that claims to be the answer",
    attack: "return { valueOf: 42, toString: '42', toJSON: 42 };",
    benign,
    expected: "failed",
  },
  {
    name: "a thenable that answers later",
    attack: "return { then: (ok: any) => ok({ then: (again: any) => again(43) }) };",
    benign,
    expected: "failed",
  },
  {
    name: "an error with traps",
    attack: "throw new Proxy(new Error('x'), { get: () => { throw new Error('trap'); } });",
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "an error that claims a refusal elsewhere",
    attack: "throw Object.assign(new Error('x'), { stack: 'Error: x\\n at file:///etc/passwd:1:1' });",
    benign,
    expected: { kind: "threw", message: "Error: x" },
  },
  {
    name: "a stack that is no text",
    attack: "(Error as any).prepareStackTrace = () => ({}); throw new Error('x');",
    benign,
    expected: { kind: "threw", message: "Error: x" },
  },
  {
    name: "listeners of the process",
    attack:
      "process.removeAllListeners(); process.on('uncaughtException', () => {}); setTimeout(() => { throw new Error('x'); }, 1); await new Promise(() => {});",
    benign,
    expected: { kind: "time-limit" },
    limits: { timeMs: 1_000 },
  },
  {
    name: "its input, and what lies beside",
    attack:
      "Object.assign(world, { canary: 'changed' }); for (const name of Object.keys(world)) delete world[name]; return 0;",
    benign,
    expected: "failed",
  },
];
