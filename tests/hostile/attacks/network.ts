import type { Attack } from "../attack.ts";

const noNetwork = { kind: "refused", what: "network" } as const;
const benign =
  'return new URL("http://localhost:42/").port === "42" ? Number(new URL("http://localhost:42/").port) : 0;';
/** Waits for the first of these events, so that a connection would have its time. */
const settled = (socket: string) =>
  `await new Promise((done, fail) => { ${socket}.on("error", fail); ${socket}.on("connect", done); ${socket}.on("response", done); ${socket}.on("listening", done); setTimeout(done, 300); }); return 42;`;

export const network: readonly Attack[] = [
  {
    name: "an import of net",
    attack: 'import net from "node:net";\nexport const answer = () => net;',
    benign,
    expected: { kind: "refused", what: "import", message: "node:net" },
  },
  {
    name: "net.connect",
    attack: `const net = await import(world.builtin + "net"); const s = net.connect(world.tcpPort, "127.0.0.1"); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "net.connect that is swallowed",
    attack: `const net = await import(world.builtin + "net"); try { net.connect(world.tcpPort, "127.0.0.1").on("error", () => {}); } catch {} await new Promise((r) => setTimeout(r, 100)); return 42;`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a new socket",
    attack: `const net = await import(world.builtin + "net"); const s = new net.Socket(); s.connect(world.tcpPort, "127.0.0.1"); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a local socket",
    attack: `const net = await import(world.builtin + "net"); const s = net.createConnection(world.socketPath); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a connection beneath net",
    attack: `const Pipe = (process.stdout as any)._handle.constructor; const pipe = new Pipe(0); pipe.connect({}, world.socketPath); return 42;`,
    benign,
    expected: noNetwork,
    isMissing: process.platform === "win32",
  },
  {
    name: "a socket file beneath net",
    attack: `const Pipe = (process.stdout as any)._handle.constructor; const pipe = new Pipe(1); pipe.bind(world.outside + "/socket"); pipe.listen(1); return 42;`,
    benign,
    expected: noNetwork,
    isMissing: process.platform === "win32",
  },
  {
    name: "http",
    attack: `const http = await import(world.builtin + "http"); const r = http.get({ port: world.tcpPort, host: "127.0.0.1" }); ${settled("r")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "https",
    attack: `const https = await import(world.builtin + "https"); const r = https.get({ port: world.tcpPort, host: "127.0.0.1" }); ${settled("r")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "tls",
    attack: `const tls = await import(world.builtin + "tls"); const s = tls.connect(world.tcpPort, "127.0.0.1"); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "http2",
    attack: `const http2 = await import(world.builtin + "http2"); const s = http2.connect("http://127.0.0.1:" + world.tcpPort); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "fetch",
    attack: `return (await fetch("http://127.0.0.1:" + world.tcpPort)).text();`,
    benign,
    expected: noNetwork,
  },
  {
    name: "fetch that is swallowed",
    attack: `await fetch("http://127.0.0.1:" + world.tcpPort).catch(() => {}); return 42;`,
    benign,
    expected: noNetwork,
  },
  {
    name: "WebSocket",
    attack: `const s = new WebSocket("ws://127.0.0.1:" + world.tcpPort); await new Promise((done) => { s.onerror = done; s.onopen = done; }); return 42;`,
    benign,
    expected: noNetwork,
    isMissing: typeof WebSocket === "undefined",
  },
  {
    name: "a datagram",
    attack: `const dgram = await import(world.builtin + "dgram"); const s = dgram.createSocket("udp4"); await new Promise((done) => s.send("x", world.udpPort, "127.0.0.1", done)); return 42;`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a name",
    attack: `const dns = await import(world.builtin + "dns/promises"); return dns.lookup("localhost");`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a name by a resolver",
    attack: `const { Resolver } = await import(world.builtin + "dns"); const r = new Resolver(); r.setServers(["127.0.0.1:" + world.udpPort]); return new Promise((done) => r.resolve4("example.org", done));`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a server of its own",
    attack: `const http = await import(world.builtin + "http"); const s = http.createServer(() => {}).listen(0); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a server beneath listen",
    attack: `const net = await import(world.builtin + "net"); const s = net.createServer(); (s as any)._listen2("127.0.0.1", 0, 4, 1); return 42;`,
    benign,
    expected: noNetwork,
  },
  {
    name: "a debugger",
    attack: `const inspector = await import(world.builtin + "inspector"); inspector.open(0, "127.0.0.1"); return inspector.url() ? 42 : 0;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a debugger session on itself",
    attack: `const inspector = await import(world.builtin + "inspector"); new inspector.Session().connect(); return 42;`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "a socket of the class of stdout",
    attack: `const s = new (process.stdout as any).constructor(); s.connect(world.tcpPort, "127.0.0.1"); ${settled("s")}`,
    benign,
    expected: noNetwork,
  },
  {
    name: "net in a file that awaits while it loads",
    attack: `await 0;\nconst net = await import(["node", "net"].join(":"));\nexport const answer = () => net;`,
    benign: "await 0;\nexport const answer = () => 42;",
    expected: noNetwork,
  },
  {
    name: "net by eval",
    attack: `return (0, eval)('import("node:net")');`,
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "net by a function made of text",
    attack: `return new Function('return import("node:net")')();`,
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "net by the constructor of a function, in a file that awaits",
    attack: `await 0;\nconst make = (async () => {}).constructor as any;\nexport const answer = () => make('return import("node:net")')();`,
    benign,
    expected: { kind: "threw" },
  },
  {
    name: "net by vm",
    attack: `const vm = await import(world.builtin + "vm"); return vm.runInThisContext('import("node:net")');`,
    benign,
    expected: { kind: "refused", what: "import" },
  },
  {
    name: "the doors opened again",
    attack: `Object.defineProperty((process.stdout as any).constructor.prototype, "connect", { value: () => 1 }); return 42;`,
    benign,
    expected: { kind: "threw" },
  },
];
