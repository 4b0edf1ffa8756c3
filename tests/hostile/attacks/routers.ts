import type { Attack } from "../attack.ts";

const noNetwork = { kind: "refused", what: "network" } as const;
const benign = "return 42;";

export const routers: readonly Attack[] = [
  {
    name: "an app that listens by itself while it loads",
    attack: `import express from "express";
const app = express();
app.post("/answer", (_request, response) => { response.json({ answer: 42 }); });
app.listen(3000);
export default app;`,
    benign: `import express from "express";
const app = express();
app.post("/answer", (_request, response) => { response.json({ answer: 42 }); });
export default app;`,
    expected: noNetwork,
  },
  {
    name: "a route that listens by itself",
    attack: "express().listen(0); return 42;",
    benign,
    expected: noNetwork,
  },
  {
    name: "a route that asks another server",
    attack: 'return (await fetch("http://127.0.0.1:" + world.tcpPort)).status === 200 ? 42 : 0;',
    benign,
    expected: noNetwork,
  },
  {
    name: "a route that sends a file from outside",
    attack: `await new Promise((done, fail) => response.sendFile(world.canary, (error: unknown) => error ? fail(error) : done(0)));`,
    benign,
    expected: "failed",
  },
  {
    name: "a folder outside served as static",
    attack: `const serve = express.static(world.outside); (request as any).url = "/canary.txt"; (request as any).method = "GET";
      await new Promise((done) => { response.on("finish", done); serve(request, response, done); }); if (response.headersSent) return; return 41;`,
    benign,
    expected: "failed",
  },
  {
    name: "a route that never answers",
    attack: "await new Promise(() => {});",
    benign,
    expected: { kind: "time-limit" },
    limits: { timeMs: 1_000 },
  },
  {
    name: "an answer that never ends",
    attack:
      'response.type("text"); for (;;) { response.write("x".repeat(100)); await new Promise((r) => setTimeout(r, 5)); }',
    benign,
    expected: { kind: "time-limit" },
    limits: { timeMs: 1_000 },
  },
  {
    name: "an answer that floods",
    attack:
      'response.type("text"); for (let i = 0; i < 100; i++) { response.write("x".repeat(1024 * 1024)); await new Promise((r) => setImmediate(r)); } response.end(); return;',
    benign,
    expected: { kind: "not-data" },
  },
  {
    name: "a route that ends the process",
    attack: "process.exit(0);",
    benign,
    expected: { kind: "ended-early", exitCode: 0 },
  },
  { name: "a route that throws", attack: 'throw new Error("broken");', benign, expected: "failed" },
  {
    name: "a route that throws later",
    attack: 'setTimeout(() => { throw new Error("later"); }, 1); await new Promise(() => {});',
    benign,
    expected: { kind: "threw", message: "Error: later" },
  },
  {
    name: "a library that is not here",
    attack: 'import cors from "cors";\nexport default cors;',
    benign,
    expected: { kind: "refused", what: "import", message: "cors" },
  },
];
