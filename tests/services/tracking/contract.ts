import { randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import { openTracking, TrackingError } from "../../../src/services/tracking/client.ts";
import { quoteValue } from "../../../src/services/tracking/search.ts";

/**
 * What MLflow's tracking server answers, held against the embedded server (`npm test`) and against MLflow itself
 * (tests/real). Each test makes experiments and models of its own: a real server keeps what was there.
 */
export function trackingContract(uriOf: () => string): void {
  const client = () => openTracking({ uri: uriOf() });
  const newExperiment = () => client().createExperiment(unique("taller/contract"));
  const newRun = async () => {
    const experiment = await newExperiment();
    const { info } = await client().createRun(experiment, { runName: "one", startTimeMs: 1_000 });
    return { experiment, run: info.run_id, info };
  };
  const raw = (method: string, path: string, body?: unknown) => rawCall(uriOf(), { method, path, body });
  const post = (call: string, body: unknown) => raw("POST", `/api/2.0/mlflow/${call}`, body);
  const get = (call: string) => raw("GET", `/api/2.0/mlflow/${call}`);

  describe("experiments", () => {
    test("one is made, found by id and by name, and says where its artifacts lie", async () => {
      const name = unique("taller/made");
      const id = await client().createExperiment(name, { tags: { team: "a" } });
      const found = await client().getExperiment(id);
      expect(found).toMatchObject({
        experiment_id: id,
        name,
        lifecycle_stage: "active",
        artifact_location: `mlflow-artifacts:/${id}`,
        tags: [{ key: "team", value: "a" }],
      });
      expect(found.creation_time).toBeGreaterThan(1_600_000_000_000);
      expect(await client().getExperimentByName(name)).toEqual(found);
      expect(await client().getExperimentByName(unique("none"))).toBeUndefined();
      expect(await client().ensureExperiment(name)).toBe(id);
    });

    test("experiment 0 is there from the start", async () => {
      expect(await client().getExperiment("0")).toMatchObject({ name: "Default", experiment_id: "0" });
    });

    test("a taken name is 400 RESOURCE_ALREADY_EXISTS, an absent one 404, a missing field 400", async () => {
      const name = unique("taller/taken");
      await client().createExperiment(name);
      expectRefusal(await post("experiments/create", { name }), 400, "RESOURCE_ALREADY_EXISTS");
      expectRefusal(await get("experiments/get?experiment_id=987654"), 404, "RESOURCE_DOES_NOT_EXIST");
      expectRefusal(await get("experiments/get?experiment_id=abc"), 400, "INVALID_PARAMETER_VALUE");
      expectRefusal(
        await get("experiments/get-by-name?experiment_name=nobody"),
        404,
        "RESOURCE_DOES_NOT_EXIST",
      );
      expectRefusal(await post("experiments/create", {}), 400, "INVALID_PARAMETER_VALUE");
      expectRefusal(await post("experiments/create", { name: 5 }), 400, "INVALID_PARAMETER_VALUE");
    });

    test("two that ensure one experiment at once get the same", async () => {
      const name = unique("taller/race");
      const ids = await Promise.all(Array.from({ length: 6 }, () => client().ensureExperiment(name)));
      expect(new Set(ids).size).toBe(1);
    });

    test("renamed, tagged, deleted and restored, with its runs", async () => {
      const { experiment, run } = await newRun();
      const name = unique("taller/renamed");
      await client().renameExperiment(experiment, name);
      await client().setExperimentTag(experiment, "note", "á");
      expect(await client().getExperiment(experiment)).toMatchObject({
        name,
        tags: [{ key: "note", value: "á" }],
      });
      await client().deleteExperiment(experiment);
      expect((await client().getRun(run)).info.lifecycle_stage).toBe("deleted");
      expectRefusal(
        await post("experiments/delete", { experiment_id: experiment }),
        404,
        "RESOURCE_DOES_NOT_EXIST",
      );
      expectRefusal(await post("runs/create", { experiment_id: experiment }), 400, "INVALID_PARAMETER_VALUE");
      expectRefusal(await post("experiments/create", { name }), 400, "RESOURCE_ALREADY_EXISTS");
      await client().restoreExperiment(experiment);
      expect((await client().getRun(run)).info.lifecycle_stage).toBe("active");
    });

    test("search by name, tag and view, newest first, in pages", async () => {
      const prefix = unique("taller/search");
      const ids: string[] = [];
      for (const letter of ["a", "b", "c"])
        ids.push(await client().createExperiment(`${prefix}-${letter}`, { tags: { letter } }));
      const filter = `name LIKE '${prefix}%'`;
      const first = await client().searchExperiments({ filter, maxResults: 2, orderBy: ["name ASC"] });
      expect(first.items.map((one) => one.experiment_id)).toEqual(ids.slice(0, 2));
      const rest = await client().searchExperiments({
        filter,
        maxResults: 2,
        orderBy: ["name ASC"],
        pageToken: first.nextPageToken,
      });
      expect(rest.items.map((one) => one.experiment_id)).toEqual(ids.slice(2));
      expect(rest.nextPageToken ?? "").toBe("");
      await client().deleteExperiment(ids[1] ?? "");
      const found = async (options: Parameters<ReturnType<typeof client>["searchExperiments"]>[0]) =>
        (await client().searchExperiments(options)).items.map((one) => one.name.slice(-1)).sort();
      expect(await found({ filter })).toEqual(["a", "c"]);
      expect(await found({ filter, viewType: "DELETED_ONLY" })).toEqual(["b"]);
      expect(await found({ filter, viewType: "ALL" })).toEqual(["a", "b", "c"]);
      expect(await found({ filter: `${filter} AND tags.letter = 'c'` })).toEqual(["c"]);
      expect(await found({ filter: `name ILIKE '${prefix.toUpperCase()}%' AND tags.letter != 'c'` })).toEqual(
        ["a"],
      );
      expect(await found({ filter: `name LIKE '${prefix.toUpperCase()}%'` })).toEqual([]);
      expectRefusal(await post("experiments/search", { max_results: 0 }), 400, "INVALID_PARAMETER_VALUE");
    });
  });

  describe("runs", () => {
    test("a run begins RUNNING, in both spellings of its id, with its name as a tag", async () => {
      const experiment = await newExperiment();
      const { status, json } = await post("runs/create", {
        experiment_id: experiment,
        start_time: 5,
        user_id: "u",
        run_name: "first",
        tags: [{ key: "k", value: "v" }],
      });
      expect(status).toBe(200);
      const run = dig(json, "run", "info", "run_id");
      expect(dig(json, "run", "info")).toEqual({
        run_id: run,
        run_uuid: run,
        run_name: "first",
        experiment_id: experiment,
        user_id: "u",
        status: "RUNNING",
        start_time: 5,
        artifact_uri: `mlflow-artifacts:/${experiment}/${String(run)}/artifacts`,
        lifecycle_stage: "active",
      });
      expect(dig(json, "run", "data")).toEqual({
        tags: [
          { key: "k", value: "v" },
          { key: "mlflow.runName", value: "first" },
        ],
      });
      for (const name of ["run_id", "run_uuid"]) {
        const { json: found } = await get(`runs/get?${name}=${String(run)}`);
        expect(dig(found, "run", "info", "run_id")).toBe(run);
      }
    });

    test("a run without a name is given one", async () => {
      const { info, data } = await client().createRun(await newExperiment());
      expect(info.run_name).not.toBe("");
      expect(data.tags).toContainEqual({ key: "mlflow.runName", value: info.run_name });
    });

    test("name and name's tag that differ are refused", async () => {
      const body = {
        experiment_id: await newExperiment(),
        run_name: "a",
        tags: [{ key: "mlflow.runName", value: "b" }],
      };
      expectRefusal(await post("runs/create", body), 400, "INVALID_PARAMETER_VALUE");
    });

    test("a missing run is 404, and a call without run_id 400", async () => {
      expectRefusal(await get("runs/get?run_id=nobody"), 404, "RESOURCE_DOES_NOT_EXIST");
      expectRefusal(await get("runs/get"), 400, "INVALID_PARAMETER_VALUE");
      const metric = { run_id: "nobody", key: "a", value: 1, timestamp: 1 };
      expectRefusal(await post("runs/log-metric", metric), 404, "RESOURCE_DOES_NOT_EXIST");
      expectRefusal(await post("runs/create", { experiment_id: "987654" }), 404, "RESOURCE_DOES_NOT_EXIST");
    });

    test("it ends with a status and a time, and can be renamed", async () => {
      const { run } = await newRun();
      expect(await client().setTerminated(run, "FAILED", 9_000)).toMatchObject({
        status: "FAILED",
        end_time: 9_000,
      });
      await client().updateRun(run, { runName: "other" });
      const found = await client().getRun(run);
      expect(found.info).toMatchObject({ run_name: "other", status: "FAILED", end_time: 9_000 });
      expect(found.data.tags).toContainEqual({ key: "mlflow.runName", value: "other" });
      await client().setTag(run, "mlflow.runName", "third");
      expect((await client().getRun(run)).info.run_name).toBe("third");
    });

    test("a deleted run refuses what is logged to it, until it is restored", async () => {
      const { run, experiment } = await newRun();
      await client().deleteRun(run);
      const param = { run_id: run, key: "p", value: "1" };
      expectRefusal(await post("runs/log-parameter", param), 400, "INVALID_PARAMETER_VALUE");
      expect((await client().searchRuns([experiment])).items).toEqual([]);
      const deleted = await client().searchRuns([experiment], { viewType: "DELETED_ONLY" });
      expect(deleted.items.map(({ info }) => info.run_id)).toEqual([run]);
      await client().restoreRun(run);
      expect((await post("runs/log-parameter", param)).status).toBe(200);
    });

    test("tags overwrite, and a missing one can't be deleted", async () => {
      const { run } = await newRun();
      await client().setTag(run, "t", "1");
      await client().setTag(run, "t", "2");
      expect((await client().getRun(run)).data.tags).toContainEqual({ key: "t", value: "2" });
      await client().deleteTag(run, "t");
      expect((await client().getRun(run)).data.tags.map(({ key }) => key)).toEqual(["mlflow.runName"]);
      expectRefusal(await post("runs/delete-tag", { run_id: run, key: "t" }), 404, "RESOURCE_DOES_NOT_EXIST");
    });

    test("data sets and models that a run read and made stand in it", async () => {
      const { run } = await newRun();
      const dataset = { name: "d", digest: "x", source_type: "local", source: "s" };
      const tags = [{ key: "mlflow.data.context", value: "train" }];
      const inputs = { run_id: run, datasets: [{ dataset, tags }], models: [{ model_id: "m-1" }] };
      expect(await post("runs/log-inputs", inputs)).toMatchObject({ status: 200, json: {} });
      await post("runs/log-inputs", { run_id: run, datasets: [{ dataset, tags }] });
      await post("runs/outputs", { run_id: run, models: [{ model_id: "m-2", step: 3 }] });
      const { json } = await get(`runs/get?run_id=${run}`);
      expect(dig(json, "run", "inputs")).toEqual({
        dataset_inputs: [{ tags, dataset }],
        model_inputs: [{ model_id: "m-1" }],
      });
      expect(dig(json, "run", "outputs")).toEqual({ model_outputs: [{ model_id: "m-2", step: 3 }] });
    });
  });

  describe("params and metrics", () => {
    test("a param is what it was first: the same again is no error, another is 400", async () => {
      const { run } = await newRun();
      await client().logParam(run, "p", "1");
      await client().logParam(run, "p", "1");
      const other = { run_id: run, key: "p", value: "2" };
      expectRefusal(await post("runs/log-parameter", other), 400, "INVALID_PARAMETER_VALUE");
      const batch = {
        run_id: run,
        params: [
          { key: "p", value: "3" },
          { key: "q", value: "1" },
        ],
      };
      expectRefusal(await post("runs/log-batch", batch), 400, "INVALID_PARAMETER_VALUE");
      expect((await client().getRun(run)).data.params).toEqual([{ key: "p", value: "1" }]);
    });

    test("the last metric is that of the highest step, then timestamp", async () => {
      const { run } = await newRun();
      await client().logMetric(run, "loss", 3, { step: 2, timestampMs: 10 });
      await client().logMetric(run, "loss", 5, { step: 1, timestampMs: 20 });
      await client().logMetric(run, "loss", 4, { step: 2, timestampMs: 9 });
      const { metrics } = (await client().getRun(run)).data;
      expect(metrics).toEqual([{ key: "loss", value: 3, timestamp: 10, step: 2 }]);
      const { items } = await client().getMetricHistory(run, "loss");
      expect(items.map(({ value }) => value)).toEqual([4, 3, 5]);
    });

    test("the same point twice is one, and NaN is a text on the wire", async () => {
      const { run } = await newRun();
      const point = { run_id: run, key: "m", value: "NaN", timestamp: 5, step: 1 };
      await post("runs/log-metric", point);
      await post("runs/log-metric", point);
      const { json } = await get(`metrics/get-history?run_id=${run}&metric_key=m`);
      expect(json).toEqual({ metrics: [{ key: "m", value: "NaN", timestamp: 5, step: 1 }] });
      expect((await client().getRun(run)).data.metrics[0]?.value).toBeNaN();
    });

    test("an infinity is kept as the largest double", async () => {
      const { run } = await newRun();
      await client().logMetric(run, "up", Number.POSITIVE_INFINITY);
      await client().logMetric(run, "down", Number.NEGATIVE_INFINITY);
      const { metrics } = (await client().getRun(run)).data;
      expect(metrics.map(({ value }) => value).sort()).toEqual([-Number.MAX_VALUE, Number.MAX_VALUE]);
    });

    test("numbers may come as texts; what is none is 400", async () => {
      const { run } = await newRun();
      const metric = { run_id: run, key: "a", value: "2.5", timestamp: "4", step: "7" };
      expect((await post("runs/log-metric", metric)).status).toBe(200);
      expect((await client().getMetricHistory(run, "a")).items).toEqual([
        { key: "a", value: 2.5, timestamp: 4, step: 7 },
      ]);
      for (const bad of [
        { value: "abc" },
        { value: null },
        { timestamp: null },
        { key: "a*b" },
        { key: "../x" },
      ]) {
        expectRefusal(await post("runs/log-metric", { ...metric, ...bad }), 400, "INVALID_PARAMETER_VALUE");
      }
    });

    test("a history comes in pages, and one of no run is empty", async () => {
      const { run } = await newRun();
      const metrics = Array.from({ length: 25 }, (_, step) => ({
        key: "m",
        value: step / 4,
        timestamp: step,
        step,
      }));
      await client().logBatch(run, { metrics });
      const read: number[] = [];
      let pageToken: string | undefined;
      do {
        const page = await client().getMetricHistory(run, "m", { maxResults: 10, pageToken });
        expect(page.items.length).toBeLessThanOrEqual(10);
        read.push(...page.items.map(({ value }) => value));
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined);
      expect(read).toEqual(metrics.map(({ value }) => value));
      expect(await get("metrics/get-history?run_id=nobody&metric_key=m")).toMatchObject({
        status: 200,
        json: {},
      });
      const none = await get(`metrics/get-history?run_id=${run}&metric_key=m&max_results=0`);
      expectRefusal(none, 400, "INVALID_PARAMETER_VALUE");
    });

    test("histories of several runs at once", async () => {
      const { run, experiment } = await newRun();
      const other = (await client().createRun(experiment)).info.run_id;
      for (const [id, value] of [
        [run, 1],
        [other, 2],
      ] as const)
        await client().logMetric(id, "m", value, { timestampMs: 3, step: 4 });
      const point = { key: "m", timestamp: 3, step: 4 };
      const expected = [
        { ...point, run_id: run, value: 1 },
        { ...point, run_id: other, value: 2 },
      ];
      const { json } = await get(
        `metrics/get-history-bulk-interval?run_ids=${run}&run_ids=${other}&metric_key=m&max_results=10`,
      );
      expect(dig(json, "metrics")).toEqual(expect.arrayContaining(expected));
      const bulk = await raw(
        "GET",
        `/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${run}&run_id=${other}&metric_key=m`,
      );
      expect(dig(bulk.json, "metrics")).toEqual(expect.arrayContaining(expected));
    });

    test("a batch of 1,000 metrics is taken, one more is not; 101 params or tags are not", async () => {
      const { run } = await newRun();
      const metrics = (count: number) =>
        Array.from({ length: count }, (_, step) => ({ key: "m", value: step, timestamp: 1, step }));
      const pairs = (count: number) =>
        Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: "v" }));
      expect((await post("runs/log-batch", { run_id: run, metrics: metrics(1_000) })).status).toBe(200);
      expect((await client().getRun(run)).data.metrics[0]).toMatchObject({ value: 999, step: 999 });
      for (const body of [
        { metrics: metrics(1_001) },
        { params: pairs(101) },
        { tags: pairs(101) },
        { metrics: metrics(950), params: pairs(51) },
        { params: [...pairs(1), ...pairs(1)] },
        { metrics: [{ key: "m", value: 4 }] },
      ]) {
        expectRefusal(await post("runs/log-batch", { run_id: run, ...body }), 400, "INVALID_PARAMETER_VALUE");
      }
      expect((await client().getRun(run)).data.params).toEqual([]);
    });

    test("what the client logs at once comes back whole, whatever the limits", async () => {
      const { run } = await newRun();
      const params = Object.fromEntries(
        Array.from({ length: 150 }, (_, index) => [`p${index}`, "ñ".repeat(200)]),
      );
      const tags = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`t${index}`, "v"]));
      const metrics = Array.from({ length: 1_500 }, (_, step) => ({
        key: "m",
        value: step,
        timestamp: 1,
        step,
      }));
      await client().logBatch(run, { params, tags, metrics });
      const { data } = await client().getRun(run);
      expect(data.params).toHaveLength(150);
      expect(data.params[0]?.value).toBe("ñ".repeat(200));
      expect(data.tags).toHaveLength(121);
      expect((await client().getMetricHistory(run, "m")).items).toHaveLength(1_500);
    });

    test("requests at once for one run all count", async () => {
      const { run } = await newRun();
      await Promise.all(
        Array.from({ length: 20 }, (_, step) =>
          step % 2 === 0
            ? client().logMetric(run, "m", step, { step })
            : client().logParam(run, `p${step}`, "x"),
        ),
      );
      expect((await client().getMetricHistory(run, "m")).items).toHaveLength(10);
      expect((await client().getRun(run)).data.params).toHaveLength(10);
    });
  });

  describe("search of runs", () => {
    const make = async () => {
      const experiment = await newExperiment();
      const of = async (
        name: string,
        startTimeMs: number,
        log: { auc?: number; model: string; note?: string },
      ) => {
        const { info } = await client().createRun(experiment, { runName: name, startTimeMs });
        await client().logBatch(info.run_id, {
          metrics: log.auc === undefined ? [] : [{ key: "auc", value: log.auc, timestamp: 1, step: 0 }],
          params: { model: log.model },
          tags: log.note === undefined ? {} : { "my note": log.note },
        });
        return info.run_id;
      };
      const a = await of("a", 100, { auc: 0.7, model: "forest", note: "Old one" });
      await of("b", 200, { auc: 0.9, model: "boosting" });
      await of("c", 300, { auc: Number.NaN, model: "forest", note: "new" });
      await of("d", 400, { model: "dummy", note: "new" });
      await client().setTerminated(a, "FINISHED", 500);
      return { experiment, a };
    };
    const namesOf = async (experiment: string, options: { filter?: string; orderBy?: string[] } = {}) =>
      (await client().searchRuns([experiment], options)).items.map(({ info }) => info.run_name);

    test("newest first by itself; by a metric, with NaN and none at the end both ways", async () => {
      const { experiment } = await make();
      expect(await namesOf(experiment)).toEqual(["d", "c", "b", "a"]);
      expect(await namesOf(experiment, { orderBy: ["metrics.auc DESC"] })).toEqual(["b", "a", "c", "d"]);
      expect(await namesOf(experiment, { orderBy: ["metrics.auc ASC"] })).toEqual(["a", "b", "c", "d"]);
      expect(await namesOf(experiment, { orderBy: ["params.model", "start_time ASC"] })).toEqual([
        "b",
        "d",
        "a",
        "c",
      ]);
      expect(await namesOf(experiment, { orderBy: ["tags.`my note` DESC"] })).toEqual(["d", "c", "a", "b"]);
      expect(await namesOf(experiment, { orderBy: ["attributes.run_name asc"] })).toEqual([
        "a",
        "b",
        "c",
        "d",
      ]);
    });

    test("filters over metrics, params, tags and attributes", async () => {
      const { experiment, a } = await make();
      const cases: readonly (readonly [string, readonly string[]])[] = [
        ["metrics.auc > 0.8", ["b"]],
        ["metrics.auc <= 0.7", ["a"]],
        ["metrics.auc != 0.7", ["c", "b"]],
        ["metrics.auc = 0.9", ["b"]],
        ["params.model = 'forest'", ["c", "a"]],
        ["params.model != 'forest'", ["d", "b"]],
        ['params."model" LIKE "%o%t%"', ["c", "b", "a"]],
        ["params.model LIKE 'f_rest'", ["c", "a"]],
        ["params.model LIKE 'FOREST'", []],
        ["params.model ILIKE 'FOREST'", ["c", "a"]],
        ["tags.`my note` = 'new'", ["d", "c"]],
        ["tags.`my note` ILIKE 'old%'", ["a"]],
        ["tags.`my note` IS NULL", ["b"]],
        ["tags.`my note` IS NOT NULL and metrics.auc > 0", ["a"]],
        ["tags.mlflow.runName = 'd'", ["d"]],
        ["attributes.status = 'RUNNING'", ["d", "c", "b"]],
        ["status != 'RUNNING'", ["a"]],
        ["attribute.start_time >= 200 AND attribute.start_time < 400", ["c", "b"]],
        ["end_time = 500", ["a"]],
        ["run_name = 'b'", ["b"]],
        [`run_id IN ('${a}', 'nobody')`, ["a"]],
        [`run_id LIKE '${a.slice(0, 8)}%'`, ["a"]],
        [`attributes.run_id NOT IN ('${a}')`, ["d", "c", "b"]],
        ["params.model = 'forest' AND metrics.auc > 0.5 AND attributes.status = 'FINISHED'", ["a"]],
        ["metrics.none > 0", []],
      ];
      for (const [filter, expected] of cases)
        expect([filter, await namesOf(experiment, { filter })]).toEqual([filter, expected]);
    });

    test("what can't be read is 400 and says so", async () => {
      const { experiment } = await newRun();
      for (const filter of [
        "metrics.a > 'x'",
        "metrics.a > 1 or metrics.a < 3",
        "foo.a > 1",
        "attributes.status IN ('RUNNING')",
        "attributes.nothing = 'a'",
        "bogus",
        "params.a = 3",
        "params.a > 'x'",
        "metrics.a LIKE 'x'",
        "start_time > 'x'",
      ]) {
        const answer = await post("runs/search", { experiment_ids: [experiment], filter });
        expect([filter, answer.status, dig(answer.json, "error_code")]).toEqual([
          filter,
          400,
          "INVALID_PARAMETER_VALUE",
        ]);
      }
      for (const more of [
        { order_by: ["metrics.a BAD"] },
        { order_by: ["nothing.a"] },
        { page_token: "xx" },
        { max_results: 50_001 },
        { max_results: 0 },
      ]) {
        const answer = await post("runs/search", { experiment_ids: [experiment], ...more });
        expectRefusal(answer, 400, "INVALID_PARAMETER_VALUE");
      }
    });

    test("pages join to the whole, and no experiment is no run", async () => {
      const experiment = await newExperiment();
      for (let index = 0; index < 7; index++)
        await client().createRun(experiment, { runName: `r${index}`, startTimeMs: index });
      const names: string[] = [];
      for await (const { info } of client().allRuns([experiment], { maxResults: 3 }))
        names.push(info.run_name);
      expect(names).toEqual(["r6", "r5", "r4", "r3", "r2", "r1", "r0"]);
      expect(await post("runs/search", {})).toMatchObject({ status: 200, json: {} });
    });
  });

  describe("artifacts", () => {
    test("files go up and come back, byte by byte, under the names they were given", async () => {
      const { run, info } = await newRun();
      const bytes = randomBytes(200_000);
      await client().logArtifact(run, "model/weights é 100%.bin", bytes);
      await client().logArtifact(run, "notes.txt", "año");
      await client().logArtifact(run, "empty", "");
      expect(await client().listArtifacts(run)).toEqual([
        { path: "empty", is_dir: false, file_size: 0 },
        { path: "model", is_dir: true },
        { path: "notes.txt", is_dir: false, file_size: 4 },
      ]);
      expect(await client().listArtifacts(run, "model")).toEqual([
        { path: "model/weights é 100%.bin", is_dir: false, file_size: 200_000 },
      ]);
      const back = await client().downloadArtifact(`runs:/${run}/model/weights é 100%.bin`);
      expect(Buffer.compare(back, bytes)).toBe(0);
      const text = await client().downloadArtifact(`${info.artifact_uri}/notes.txt`);
      expect(Buffer.from(text).toString()).toBe("año");
      expect(await client().downloadArtifact(`runs:/${run}/empty`)).toHaveLength(0);
    });

    test("a file is replaced, and can be deleted", async () => {
      const { run, experiment } = await newRun();
      await client().logArtifact(run, "a.txt", "one");
      await client().logArtifact(run, "a.txt", "two!");
      expect(Buffer.from(await client().downloadArtifact(`runs:/${run}/a.txt`)).toString()).toBe("two!");
      const path = `/api/2.0/mlflow-artifacts/artifacts/${experiment}/${run}/artifacts/a.txt`;
      expect(await raw("DELETE", path)).toMatchObject({ status: 200, json: {} });
      expect(await client().listArtifacts(run)).toEqual([]);
    });

    test("a missing file is 404, a listing of a missing folder 200 and empty", async () => {
      const { run, experiment } = await newRun();
      const root = `${experiment}/${run}/artifacts`;
      const missing = await raw("GET", `/api/2.0/mlflow-artifacts/artifacts/${root}/none.txt`);
      expectRefusal(missing, 404, "RESOURCE_DOES_NOT_EXIST");
      const listing = await raw("GET", `/api/2.0/mlflow-artifacts/artifacts?path=${root}`);
      expect(listing).toMatchObject({ status: 200, json: {} });
      expect((await get(`artifacts/list?run_id=${run}`)).json).toEqual({
        root_uri: `mlflow-artifacts:/${root}`,
      });
    });

    test("the proxied listing gives names, the run's gives paths", async () => {
      const { run, experiment } = await newRun();
      await client().logArtifact(run, "d/x.txt", "abc");
      const root = `${experiment}/${run}/artifacts`;
      const { json } = await raw("GET", `/api/2.0/mlflow-artifacts/artifacts?path=${root}/d`);
      expect(json).toEqual({ files: [{ path: "x.txt", is_dir: false, file_size: 3 }] });
    });

    test("no path leads out of the artifacts", async () => {
      const { run, experiment } = await newRun();
      const base = "/api/2.0/mlflow-artifacts/artifacts/";
      for (const path of [
        `${experiment}/../../evil`,
        `${experiment}/%2e%2e/%2e%2e/evil`,
        `${experiment}/%252e%252e/%252e%252e/evil`,
        "%2Fetc%2Fevil",
        "C:%5Cevil",
      ]) {
        expectRefusal(await raw("PUT", base + path, "x"), 400, "INVALID_PARAMETER_VALUE");
        expectRefusal(await raw("GET", base + path), 400, "INVALID_PARAMETER_VALUE");
      }
      expectRefusal(await get(`artifacts/list?run_id=${run}&path=../x`), 400, "INVALID_PARAMETER_VALUE");
    });
  });

  describe("model registry", () => {
    const newModel = async () => {
      const name = unique("model");
      await client().createRegisteredModel(name, { description: "d", tags: { a: "b" } });
      return name;
    };

    test("a model, its versions from 1 on, and an alias that moves", async () => {
      const name = await newModel();
      const { run, info } = await newRun();
      await client().logArtifact(run, "model/model.json", "{}");
      const first = await client().createModelVersion(name, `${info.artifact_uri}/model`, { runId: run });
      expect(first).toMatchObject({
        name,
        version: "1",
        status: "READY",
        run_id: run,
        current_stage: "None",
      });
      const second = await client().createModelVersion(name, "s3://bucket/x", { tags: { k: "v" } });
      expect(second).toMatchObject({
        version: "2",
        source: "s3://bucket/x",
        tags: [{ key: "k", value: "v" }],
      });
      await client().setRegisteredModelAlias(name, "champion", "2");
      await client().setRegisteredModelAlias(name, "champion", "1");
      expect(await client().getModelVersionByAlias(name, "champion")).toMatchObject({
        version: "1",
        aliases: ["champion"],
      });
      expect(await client().getRegisteredModel(name)).toMatchObject({
        name,
        description: "d",
        tags: [{ key: "a", value: "b" }],
        aliases: [{ alias: "champion", version: "1" }],
        latest_versions: [{ version: "2" }],
      });
      expect(
        Buffer.from(await client().downloadArtifact(`models:/${name}@champion/model.json`)).toString(),
      ).toBe("{}");
      expect(Buffer.from(await client().downloadArtifact(`models:/${name}/1/model.json`)).toString()).toBe(
        "{}",
      );
      await client().deleteRegisteredModelAlias(name, "champion");
      const gone = await get(`registered-models/alias?name=${name}&alias=champion`);
      expectRefusal(gone, 400, "INVALID_PARAMETER_VALUE");
    });

    test("what is taken, missing or reserved is refused as MLflow refuses it", async () => {
      const name = await newModel();
      await client().createModelVersion(name, "s3://bucket/x");
      expectRefusal(await post("registered-models/create", { name }), 400, "RESOURCE_ALREADY_EXISTS");
      expectRefusal(await post("registered-models/create", { name: "a/b" }), 400, "INVALID_PARAMETER_VALUE");
      expectRefusal(await get("registered-models/get?name=nobody"), 404, "RESOURCE_DOES_NOT_EXIST");
      expectRefusal(await get(`model-versions/get?name=${name}&version=9`), 404, "RESOURCE_DOES_NOT_EXIST");
      expectRefusal(await get(`model-versions/get?name=${name}&version=x`), 400, "INVALID_PARAMETER_VALUE");
      for (const alias of ["v1", "latest", "a b"]) {
        const answer = await post("registered-models/alias", { name, alias, version: "1" });
        expectRefusal(answer, 400, "INVALID_PARAMETER_VALUE");
      }
      const version = await post("registered-models/alias", { name, alias: "champion", version: "9" });
      expectRefusal(version, 404, "RESOURCE_DOES_NOT_EXIST");
      const none = { name: unique("none"), source: "s3://b/x" };
      expectRefusal(await post("model-versions/create", none), 404, "RESOURCE_DOES_NOT_EXIST");
    });

    test("a version's source is an address, and the server's own files belong to the named run", async () => {
      const name = await newModel();
      const { run, info } = await newRun();
      for (const body of [
        { source: "/tmp/x" },
        { source: "file:///etc" },
        { source: "mlflow-artifacts:/1/x" },
        { source: `${info.artifact_uri}/m` },
        { source: `${info.artifact_uri}/../../x`, run_id: run },
        { source: "runs:/other/model", run_id: run },
      ]) {
        const answer = await post("model-versions/create", { name, ...body });
        expect([body.source, answer.status]).toEqual([body.source, 400]);
      }
      const copied = await client().createModelVersion(name, `${info.artifact_uri}/m`, { runId: run });
      const again = await client().createModelVersion(name, `models:/${name}/${copied.version}`);
      expect(again).toMatchObject({ version: "2", run_id: run });
      expect(await client().getModelVersionDownloadUri(name, "2")).toBe(`${info.artifact_uri}/m`);
    });

    test("versions are searched, described, tagged, staged and deleted", async () => {
      const name = await newModel();
      for (const source of ["s3://b/1", "s3://b/2", "s3://b/3"])
        await client().createModelVersion(name, source);
      await client().setModelVersionTag(name, "2", "k", "v");
      expect(await client().updateModelVersion(name, "2", "good")).toMatchObject({
        description: "good",
        tags: [{ key: "k", value: "v" }],
      });
      const search = async (filter: string, orderBy: string[] = []) =>
        (await client().searchModelVersions({ filter, orderBy })).items.map(({ version }) => version);
      const ofName = `name = ${quoteValue(name)}`;
      expect(await search(ofName, ["version_number DESC"])).toEqual(["3", "2", "1"]);
      expect(await search(`${ofName} AND tags.k = 'v'`)).toEqual(["2"]);
      expect(await search(`${ofName} AND source_path LIKE 's3://b/1'`)).toEqual(["1"]);
      expect(await search(`${ofName} AND version_number >= 2`, ["version_number ASC"])).toEqual(["2", "3"]);
      const page = await client().searchModelVersions({
        filter: ofName,
        maxResults: 2,
        orderBy: ["version_number"],
      });
      expect(page.items.map(({ version }) => version)).toEqual(["1", "2"]);
      const next = {
        filter: ofName,
        maxResults: 2,
        orderBy: ["version_number"],
        pageToken: page.nextPageToken,
      };
      expect((await client().searchModelVersions(next)).items.map(({ version }) => version)).toEqual(["3"]);
      const stage = { name, version: "1", stage: "production", archive_existing_versions: true };
      const staged = await post("model-versions/transition-stage", stage);
      expect(dig(staged.json, "model_version", "current_stage")).toBe("Production");
      const bad = await post("model-versions/transition-stage", { ...stage, stage: "Prod" });
      expectRefusal(bad, 400, "INVALID_PARAMETER_VALUE");
      await client().deleteModelVersion(name, "3");
      expect(await client().createModelVersion(name, "s3://b/4")).toMatchObject({ version: "4" });
      expect(await search(ofName, ["version_number"])).toEqual(["1", "2", "4"]);
    });

    test("a model is renamed with its versions and aliases, found, and deleted for good", async () => {
      const name = await newModel();
      await client().createModelVersion(name, "s3://b/1");
      await client().setRegisteredModelAlias(name, "champion", "1");
      const other = unique("renamed");
      expect(await client().renameRegisteredModel(name, other)).toMatchObject({ name: other });
      expect(await client().getModelVersionByAlias(other, "champion")).toMatchObject({
        name: other,
        version: "1",
      });
      await client().updateRegisteredModel(other, "new");
      await client().setRegisteredModelTag(other, "t", "1");
      const found = await client().searchRegisteredModels({
        filter: `name LIKE '${other}%' AND tags.t = '1'`,
      });
      expect(found.items).toMatchObject([{ name: other, description: "new" }]);
      await client().deleteRegisteredModel(other);
      expectRefusal(await get(`registered-models/get?name=${other}`), 404, "RESOURCE_DOES_NOT_EXIST");
      const failed = await client()
        .getRegisteredModel(other)
        .catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(TrackingError);
    });
  });

  describe("logged models", () => {
    test("one is made pending, finished, tagged, searched and deleted", async () => {
      const { experiment, run } = await newRun();
      const made = await post("logged-models", {
        experiment_id: experiment,
        name: "lm",
        model_type: "forest",
        source_run_id: run,
        params: [{ key: "depth", value: "5" }],
        tags: [{ key: "t", value: "1" }],
      });
      const id = String(dig(made.json, "model", "info", "model_id"));
      expect(dig(made.json, "model")).toMatchObject({
        info: {
          status: "LOGGED_MODEL_PENDING",
          artifact_uri: `mlflow-artifacts:/${experiment}/models/${id}/artifacts`,
          tags: [{ key: "t", value: "1" }],
        },
        data: { params: [{ key: "depth", value: "5" }] },
      });
      const call = (method: string, path: string, body?: unknown) =>
        raw(method, `/api/2.0/mlflow/logged-models/${id}${path}`, body);
      const ready = await call("PATCH", "", { model_id: id, status: "LOGGED_MODEL_READY" });
      expect(dig(ready.json, "model", "info", "status")).toBe("LOGGED_MODEL_READY");
      await call("PATCH", "/tags", { tags: [{ key: "t", value: "2" }] });
      expect(dig((await call("GET", "")).json, "model", "info", "tags")).toEqual([{ key: "t", value: "2" }]);
      await call("DELETE", "/tags/t");
      expectRefusal(await call("DELETE", "/tags/t"), 404, "RESOURCE_DOES_NOT_EXIST");
      const metric = { run_id: run, key: "auc", value: 0.9, timestamp: 1, step: 0, model_id: id };
      expect((await post("runs/log-metric", metric)).status).toBe(200);
      const other = await post("logged-models", { experiment_id: experiment, name: "other" });
      const otherId = String(dig(other.json, "model", "info", "model_id"));
      const search = async (more: Record<string, unknown>) => {
        const { json } = await post("logged-models/search", { experiment_ids: [experiment], ...more });
        const models = dig(json, "models");
        return Array.isArray(models) ? models.map((model) => dig(model, "info", "model_id")) : [];
      };
      expect(await search({})).toEqual([otherId, id]);
      expect(await search({ filter: "name = 'lm' AND params.depth = '5' AND metrics.auc > 0.5" })).toEqual([
        id,
      ]);
      expect(await search({ order_by: [{ field_name: "metrics.auc", ascending: false }] })).toEqual([
        id,
        otherId,
      ]);
      expect(await search({ order_by: [{ field_name: "creation_timestamp", ascending: true }] })).toEqual([
        id,
        otherId,
      ]);
      expect(dig((await call("GET", "/artifacts/directories")).json, "root_uri")).toContain(id);
      expect((await call("DELETE", "")).status).toBe(200);
      expectRefusal(await call("GET", ""), 404, "RESOURCE_DOES_NOT_EXIST");
      expect(await search({})).toEqual([otherId]);
    });

    test("a name that is a path is refused", async () => {
      const body = { experiment_id: await newExperiment(), name: "a/b" };
      expectRefusal(await post("logged-models", body), 400, "INVALID_PARAMETER_VALUE");
    });
  });

  describe("the server", () => {
    test("says that it is well, its version, and what it can", async () => {
      expect(await raw("GET", "/health")).toMatchObject({ status: 200, text: "OK" });
      expect((await raw("GET", "/version")).text).toMatch(/^3\.\d+\.\d+$/);
      const { json } = await raw("GET", "/api/3.0/mlflow/server-info");
      expect(json).toMatchObject({ multipart_uploads_enabled: false, workspaces_enabled: false });
    });

    test("a call that does not exist is 404, a known one by another method 405 or 404", async () => {
      expect((await raw("GET", "/api/2.0/mlflow/nothing")).status).toBe(404);
      expect([404, 405]).toContain((await raw("DELETE", "/api/2.0/mlflow/runs/get")).status);
    });

    test("only JSON is read from a POST", async () => {
      const response = await fetch(`${uriOf()}/api/2.0/mlflow/experiments/search`, {
        method: "POST",
        headers: { "content-type": "text/plain" },
        body: '{"max_results":1}',
      });
      expect(response.status).toBe(400);
    });
  });
}

interface RawAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
}

/** With node:http: fetch would tidy `..` out of a path before it sends it. */
async function rawCall(
  uri: string,
  { method, path, body }: { method: string; path: string; body: unknown },
): Promise<RawAnswer> {
  const isJson = body !== undefined && typeof body !== "string";
  const sent = body === undefined ? "" : isJson ? JSON.stringify(body) : String(body);
  const { hostname, port } = new URL(uri);
  const headers = {
    "content-length": Buffer.byteLength(sent),
    ...(isJson ? { "content-type": "application/json" } : {}),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({ hostname, port, path, method, headers, agent: false }, resolve);
    call.on("error", reject);
    call.end(sent);
  });
  const text = Buffer.concat(await response.toArray()).toString("utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.statusCode ?? 0, json, text };
}

/** All four parts of MLflow's errors. */
function expectRefusal(answer: RawAnswer, status: number, errorCode: string): void {
  expect(answer).toMatchObject({
    status,
    json: {
      error_code: errorCode,
      message: expect.any(String),
      sqlstate: expect.stringMatching(/^\w{5}$/),
      error_class: expect.any(String),
    },
  });
}

function dig(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null
        ? new Map<string, unknown>(Object.entries(found)).get(name)
        : undefined,
    value,
  );
}

function unique(name: string): string {
  return `${name}-${randomBytes(5).toString("hex")}`;
}
