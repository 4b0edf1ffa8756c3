import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type IPty, spawn } from "@lydell/node-pty";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";
import { measureProcess } from "./process-cost.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const taller = join(root, "bin", "taller.js");

/** An exercise of each kind whose speed is promised; module 01 has none in TypeScript, so the toy course lends one. */
const CASES = [
  { kind: "sql", exercise: "etl/clean", course: undefined },
  { kind: "ts", exercise: "toy/mean", course: join(root, "tests", "fixtures", "course") },
] as const;

/** `--help`, `check` cold and save-to-verdict in `watch`, each against an empty Node process in the same run. */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const runs = Number(options.flags.runs ?? 15);
  const empty = await seconds(runs, ["-e", "0"]);
  options.say(`node -e 0: ${empty.toFixed(3)} s (median of ${runs})`);
  const help = await seconds(runs, [taller, "--help"]);
  const rows = [row({ case: "--help", ours: help, empty, aim: { on: "ratio", atMost: 1.5 } })];
  for (const one of CASES) {
    const workspace = join(options.folder, one.kind);
    const files = await openExercise(one, workspace);
    options.say(`check ${one.exercise}, cold`);
    const check = [taller, "check", one.exercise, "--workspace", workspace, ...courseFlags(one)];
    await writeFile(files.mine, await readFile(files.solution));
    const cold = await seconds(runs, check);
    rows.push(
      row({ case: `check ${one.kind}, cold process`, ours: cold, empty, aim: { on: "value", atMost: 1 } }),
    );
    options.say(`watch ${one.exercise}: ${runs} saves`);
    const saved = await saveToVerdict({ ...one, workspace, files, runs });
    rows.push(
      row({
        case: `watch ${one.kind}, save to verdict`,
        ours: saved,
        empty,
        aim: { on: "value", atMost: 0.5 },
      }),
    );
    rows.push(
      row({
        case: `watch ${one.kind}, save to verdict`,
        ours: saved,
        empty,
        aim: { on: "ratio", atMost: 4 },
      }),
    );
  }
  return rows;
}

type Case = (typeof CASES)[number];

function courseFlags(one: Case): string[] {
  return one.course === undefined ? [] : ["--course", one.course];
}

function row(input: {
  case: string;
  ours: number;
  empty: number;
  aim: NonNullable<Parameters<typeof benchRow>[0]["aim"]>;
}): BenchRow {
  return benchRow({
    bench: "cli",
    case: input.case,
    metric: "median time",
    unit: "s",
    ours: input.ours,
    peer: "node -e 0",
    peerValue: input.empty,
    aim: input.aim,
  });
}

async function seconds(runs: number, args: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs + 1; i++) {
    const cost = await measureProcess(process.execPath, args, {
      env: { ...process.env, NO_COLOR: "1", TALLER_LANG: "en" },
    });
    if (cost.exitCode !== 0)
      throw new Error(`${args.join(" ")} ended with ${cost.exitCode}:\n${cost.stderr}${cost.stdout}`);
    // The first run warms the file cache.
    if (i > 0) times.push(cost.seconds);
  }
  return median(times);
}

interface Files {
  readonly mine: string;
  readonly solution: string;
  readonly starter: string;
}

/** Copies the exercise out by a first check, and asks `list` where its files are. */
async function openExercise(one: Case, workspace: string): Promise<Files> {
  const flags = ["--workspace", workspace, ...courseFlags(one)];
  await measureProcess(process.execPath, [taller, "check", one.exercise, ...flags]);
  const listed = await measureProcess(process.execPath, [taller, "list", "--json", ...flags]);
  const parsed = JSON.parse(listed.stdout.trim().split("\n").at(-1) ?? "") as {
    modules: { exercises: { id: string; files: string[]; solution: string[]; starter: string[] }[] }[];
  };
  const found = parsed.modules
    .flatMap((module) => module.exercises)
    .find((exercise) => exercise.id === one.exercise);
  const [mine, solution, starter] = [found?.files[0], found?.solution[0], found?.starter[0]];
  if (mine === undefined || solution === undefined || starter === undefined)
    throw new Error(`no files of ${one.exercise}`);
  return { mine, solution, starter };
}

/** Saves the starter and the solution in turn, and waits until the screen says the verdict of each. */
async function saveToVerdict(
  input: Case & { workspace: string; files: Files; runs: number },
): Promise<number> {
  const { files } = input;
  const contents = [await readFile(files.starter, "utf8"), await readFile(files.solution, "utf8")] as const;
  await writeFile(files.mine, contents[0]);
  const screen = openScreen([
    taller,
    "watch",
    input.exercise,
    "--workspace",
    input.workspace,
    "--lang",
    "en",
    ...courseFlags(input),
  ]);
  const times: number[] = [];
  try {
    await screen.waitFor("not passed");
    for (let i = 0; i < input.runs + 2; i++) {
      const isRight = i % 2 === 0;
      screen.clear();
      const started = performance.now();
      // A blank line more each time, so that every save is a change.
      await writeFile(files.mine, `${contents[isRight ? 1 : 0]}${"\n".repeat(i + 1)}`);
      await screen.waitFor(isRight ? /[^t] passed ·/ : "not passed");
      if (i > 1) times.push((performance.now() - started) / 1000);
    }
  } finally {
    screen.close();
  }
  return median(times);
}

function openScreen(args: readonly string[]): {
  waitFor(text: string | RegExp): Promise<void>;
  clear(): void;
  close(): void;
} {
  const pty: IPty = spawn(process.execPath, [...args], {
    cols: 100,
    rows: 40,
    env: { ...process.env, NO_COLOR: "1" } as Record<string, string>,
  });
  let output = "";
  let wake = () => {};
  pty.onData((data) => {
    output += data;
    wake();
  });
  return {
    waitFor: async (text) => {
      const deadline = performance.now() + 30_000;
      while (!(typeof text === "string" ? output.includes(text) : text.test(output))) {
        if (performance.now() > deadline)
          throw new Error(`the screen never said ${text}:\n${output.slice(-2000)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 250);
        });
      }
    },
    clear: () => {
      output = "";
    },
    close: () => pty.kill(),
  };
}
