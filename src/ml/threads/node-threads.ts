/**
 * What Node gives to a team, behind types of our own: this library stands behind the learner's door, which is
 * type-checked without Node's.
 */

/** A worker thread of Node. */
export interface Thread {
  on(event: string, heard: (value: unknown) => void): Thread;
  off(event: string, heard: (value: unknown) => void): Thread;
  terminate(): Promise<unknown>;
}

/** Where the code of a thread comes from: a built file, or a source to bundle. */
export interface ThreadSource {
  readonly kind: "file" | "source";
  readonly url: string;
}

/** The built worker beside this file; from source (tests) the file to bundle; undefined inside of a bundle. */
export function threadSource(): ThreadSource | undefined {
  const own = (import.meta as { readonly url?: string }).url ?? "";
  const folder = own.slice(0, own.lastIndexOf("/") + 1);
  if (own.endsWith("/threads/node-threads.js")) return { kind: "file", url: `${folder}worker.js` };
  if (own.endsWith("/threads/node-threads.ts")) return { kind: "source", url: `${folder}worker.ts` };
  return undefined;
}

/** Threads that the machine runs at once; 1 where it does not say. */
export function coreCount(): number {
  const os = builtin("node:os") as { availableParallelism?: () => number } | undefined;
  return os?.availableParallelism?.() ?? 1;
}

export async function startThread(source: ThreadSource, workerData: unknown): Promise<Thread> {
  const module = builtin("node:worker_threads") as { readonly Worker: ThreadConstructor } | undefined;
  if (module === undefined) throw new Error("this Node.js has no worker threads");
  // The thread needs none of the process's flags, and some (--input-type) keep a file from loading.
  const options = { workerData, execArgv: [] };
  const thread =
    source.kind === "file"
      ? new module.Worker(new URL(source.url), options)
      : new module.Worker(await bundledThread(source.url), { ...options, eval: true });
  // A fault during a step is told by the team's `run`, which has no way to wait for this event.
  thread.on("error", () => {});
  return thread;
}

type ThreadConstructor = new (code: string | URL, options: Readonly<Record<string, unknown>>) => Thread;

let bundled: Promise<string> | undefined;

/** Node 20 loads no TypeScript: from source the worker is compiled once a process. */
function bundledThread(url: string): Promise<string> {
  bundled ??= (async () => {
    // Not a literal, so that a bundle of this file leaves the bundler out.
    const name: string = "esbuild";
    const { build } = (await import(name)) as { readonly build: Bundle };
    const options = { bundle: true, write: false, platform: "node", format: "cjs", logLevel: "silent" };
    const { fileURLToPath } = builtin("node:url") as { fileURLToPath: (url: string) => string };
    const built = await build({ ...options, entryPoints: [fileURLToPath(url)] });
    return built.outputFiles[0]?.text ?? "";
  })();
  return bundled;
}

type Bundle = (options: Readonly<Record<string, unknown>>) => Promise<{
  readonly outputFiles: readonly { readonly text: string }[];
}>;

function builtin(name: string): unknown {
  const { process } = globalThis as { readonly process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name);
}
