import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommandInput } from "../../src/cli/command-table.ts";
import { run as runs } from "../../src/cli/commands/runs.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { openScreen } from "../../src/cli/ui/terminal.ts";
import { systemClock } from "../../src/core/effects.ts";
import { UserError } from "../../src/core/errors.ts";
import type { Lang } from "../../src/core/text.ts";
import { openTracking } from "../../src/services/tracking/client.ts";
import { startTracking, type TrackingServer } from "../../src/services/tracking/embedded/server.ts";

let folder = "";
let server: TrackingServer | undefined;
const ids: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-runs-"));
  server = await startTracking({ folder: join(folder, "server"), port: 0 });
  const client = openTracking({ uri: server.uri });
  const scoring = await client.createExperiment("taller/scoring");
  const other = await client.createExperiment("work");
  const make = async (
    experiment: string,
    name: string,
    log: { auc: number; model: string; loss: number[] },
  ) => {
    const startTimeMs = 1_700_000_000_000 + Object.keys(ids).length * 60_000;
    const { info } = await client.createRun(experiment, { runName: name, startTimeMs });
    ids[name] = info.run_id;
    await client.logBatch(info.run_id, {
      metrics: [
        { key: "auc", value: log.auc, timestamp: 1, step: 0 },
        ...log.loss.map((value, step) => ({ key: "loss", value, timestamp: 1, step })),
      ],
      params: { model: log.model, depth: "5" },
    });
    await client.setTerminated(info.run_id, "FINISHED", startTimeMs + 2_500);
  };
  await make(scoring, "forest", { auc: 0.81, model: "forest", loss: [3, 2, 1] });
  await make(scoring, "boosting", { auc: 0.92, model: "boosting", loss: [4, 1, 0.5] });
  await make(other, "secret", { auc: 0.5, model: "dummy", loss: [9] });
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("taller runs", () => {
  test("lists the runs under taller/, newest first, with metrics and params as columns", async () => {
    const { text, notes } = await taller(["runs"], { columns: 120 });
    const lines = text.split("\n");
    expect(lines.findIndex((line) => line.includes("boosting"))).toBeLessThan(
      lines.findIndex((line) => line.includes("forest")),
    );
    expect(text).toContain("auc");
    expect(text).toContain("0.92");
    expect(text).toContain("2 rows");
    expect(text).not.toContain("secret");
    expect(notes).toContain("under taller/");
  });

  test("another experiment is listed by its name, one under taller/ by its last part", async () => {
    expect((await taller(["runs", "work"])).text).toContain("secret");
    expect((await taller(["runs", "scoring"])).text).toContain("forest");
    const error = await failure(taller(["runs", "scorin"]));
    expect(error).toMatchObject({ code: "no-such-experiment", fault: "usage" });
    expect(error.next[0]?.en).toBe('taller runs "scoring"');
  });

  test("a filter and an order are MLflow's own", async () => {
    const { json } = await taller(["runs"], { options: { json: true, order: ["metrics.auc ASC"] } });
    expect(json).toMatchObject({ uri: server?.uri, runs: [{ name: "forest" }, { name: "boosting" }] });
    const { json: filtered } = await taller(["runs"], {
      options: { json: true, filter: "metrics.auc > 0.9" },
    });
    expect(filtered).toMatchObject({
      isComplete: true,
      runs: [
        {
          id: ids.boosting,
          experiment: "taller/scoring",
          status: "FINISHED",
          seconds: 2.5,
          metrics: { auc: 0.92, loss: 0.5 },
          params: { model: "boosting", depth: "5" },
        },
      ],
    });
    const error = await failure(taller(["runs"], { options: { filter: "auc > 1" } }));
    expect(error).toMatchObject({ code: "tracking-invalid-parameter-value" });
  });

  test("no line is wider than the terminal", async () => {
    for (const columns of [40, 60, 80, 200]) {
      const { text } = await taller(["runs"], { columns });
      expect(Math.max(...text.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    }
  });

  test("--max cuts, and says that there are more", async () => {
    const { text } = await taller(["runs"], { options: { max: "1" } });
    expect(text).toContain("boosting");
    expect(text).not.toContain("forest ");
    expect(text).toContain("--max");
  });

  test("compares by name, id or the beginning of an id", async () => {
    const { text } = await taller(["runs", "compare", "forest", ids.boosting ?? ""], { columns: 120 });
    expect(text).toMatch(/metric auc.*0\.81.*0\.92.*\+0\.11/);
    expect(text).toMatch(/param model.*forest.*boosting.*(≠|!=)/);
    expect(text).toMatch(/param depth.*5.*5/);
    const short = (ids.forest ?? "").slice(0, 8);
    const { json } = await taller(["runs", "compare", short, "boosting"], { options: { json: true } });
    expect(json).toMatchObject({ runs: [{ name: "forest" }, { name: "boosting" }] });
    expect(json.compared).toContainEqual({ kind: "param", key: "depth", values: ["5", "5"], isSame: true });
    expect(await failure(taller(["runs", "compare", "forest"]))).toMatchObject({ code: "two-runs" });
    const none = await failure(taller(["runs", "compare", "forest", `it's "none"`]));
    expect(none).toMatchObject({ code: "no-such-run" });
  });

  test("charts a metric over its steps, a line for each run, and in words", async () => {
    const { text } = await taller(["runs", "chart", "loss"], { columns: 80 });
    expect(text).toMatch(/boosting [0-9a-f]{8}: from 4 \(at 0\) to 0\.5 \(at 2\)/);
    expect(text).toMatch(/forest [0-9a-f]{8}: from 3 \(at 0\) to 1 \(at 2\)/);
    const { json } = await taller(["runs", "chart", "loss"], { options: { json: true, run: ["forest"] } });
    expect(json).toMatchObject({
      metric: "loss",
      series: [
        {
          name: "forest",
          points: [
            { step: 0, value: 3 },
            { step: 1, value: 2 },
            { step: 2, value: 1 },
          ],
        },
      ],
    });
  });

  test("charts a metric with one value a run as bars", async () => {
    const { text } = await taller(["runs", "chart", "auc"]);
    expect(text).toContain("2 values: the largest, boosting");
  });

  test("a metric that nobody has is answered with the nearest", async () => {
    const error = await failure(taller(["runs", "chart", "los"]));
    expect(error).toMatchObject({ code: "no-such-metric" });
    expect(error.next[0]?.en).toBe("taller runs chart loss");
  });

  test("a server that is gone is an error of the environment, with its address", async () => {
    const gone = await startTracking({ folder: join(folder, "gone"), port: 0 });
    await gone.close();
    const error = await failure(taller(["runs"], { uri: gone.uri }));
    expect(error).toMatchObject({ code: "tracking-unreachable", fault: "environment", where: gone.uri });
  });

  test("without an address and with nothing logged, nothing is started and that is said", async () => {
    const { text, json } = await taller(["runs"], { uri: "" });
    expect(text).toContain("No run has been logged yet");
    expect(json).toEqual({});
    const spanish = await taller(["runs"], { uri: "", lang: "es" });
    expect(spanish.text).toContain("Aún no hay ninguna");
  });
});

interface Said {
  readonly text: string;
  readonly notes: string;
  readonly json: Record<string, unknown>;
}

async function taller(
  args: readonly string[],
  given: {
    readonly uri?: string;
    readonly options?: CommandInput["options"];
    readonly columns?: number;
    readonly lang?: Lang;
  } = {},
): Promise<Said> {
  const lang = given.lang ?? "en";
  const stdout = Object.assign(new PassThrough(), { columns: given.columns ?? 100 });
  const stderr = new PassThrough();
  const env = { TALLER_MLFLOW_URI: given.uri ?? server?.uri, LANG: "en_US.UTF-8", NO_COLOR: "1" };
  const streams = { stdin: new PassThrough(), stdout, stderr };
  const screen = openScreen({ streams, env, lang });
  const look = () => ({ ...screen.look(), columns: given.columns ?? 100 });
  const isJson = given.options?.json === true;
  let json: Record<string, unknown> = {};
  const context: CliContext = {
    lang,
    isJson,
    isPlain: false,
    isDebug: false,
    env,
    clock: systemClock,
    signal: new AbortController().signal,
    screen: { ...screen, look },
    print: (line = "") => {
      if (!isJson) screen.print(line);
    },
    note: (note) => screen.note(note[lang]),
    result: (value) => {
      json = JSON.parse(JSON.stringify(value));
    },
    emit: () => {},
    busy: () => {},
    idle: () => {},
    course: () => Promise.reject(new Error("no course is needed")),
    workspaceFolder: async () => join(folder, "workspace"),
    moveWorkspace: () => {},
    close: async () => {},
  };
  const exitCode = await runs(context, { args: args.slice(1), options: given.options ?? {} });
  expect(exitCode).toBe(0);
  return { text: String(stdout.read() ?? ""), notes: String(stderr.read() ?? ""), json };
}

async function failure(call: Promise<unknown>): Promise<UserError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw new Error("expected a UserError", { cause: error });
}
