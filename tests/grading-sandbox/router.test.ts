import { afterAll, describe, expect, test } from "vitest";
import { defineExercise, type RouterSubmission } from "../../src/grading/exercise.ts";
import { endPrestart, openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";
import { problemOf } from "./problem-of.ts";

const spec = defineExercise({
  kind: "router",
  version: 1,
  files: ["api.ts"],
  limits: { timeMs: 20_000 },
  checks: [],
  starterFails: "",
  wrong: {},
});

async function using<T>(source: string, use: (handle: RouterSubmission) => Promise<T>): Promise<T> {
  const prepared = await prepareSubmission(spec, { "api.ts": source });
  const opened = openSubmission({ spec, prepared, inputs: {}, clockMs: Date.UTC(2030, 0, 1) });
  try {
    return await use(opened.handle);
  } finally {
    await opened.close();
    await prepared.close();
  }
}

const counter = `
  import express, { Router, type Request } from "express";
  const router = Router();
  let count = 0;
  router.use(express.json());
  router.post("/count", (request: Request, response) => {
    count += request.body.by;
    response.status(201).json({ count, at: new Date().toISOString() });
  });
  router.get("/slow/:ms", async (request, response) => {
    await new Promise((resolve) => setTimeout(resolve, Number(request.params.ms)));
    response.type("text").send("slow " + request.query.q);
  });
  router.get("/broken", () => { throw new Error("secret detail"); });
  export default router;
`;

afterAll(endPrestart);

describe("kind router", () => {
  test("requests meet one live state, over real HTTP, on the grader's day", async () => {
    const seen = await using(counter, async (api) => [
      await api.request({ method: "POST", path: "/count", body: { by: 2 } }),
      await api.request({ method: "POST", path: "/count", body: { by: 3 } }),
    ]);
    expect(seen.map(({ status, json }) => ({ status, json }))).toEqual([
      { status: 201, json: { count: 2, at: "2030-01-01T00:00:00.000Z" } },
      { status: 201, json: { count: 5, at: "2030-01-01T00:00:00.000Z" } },
    ]);
    expect(seen[0]?.headers).toMatchObject({ "content-type": "application/json; charset=utf-8" });
    expect(seen[0]?.headers).not.toHaveProperty("date");
  });

  test("requests at the same time are answered each by itself", async () => {
    const texts = await using(counter, async (api) => {
      const paths = ["/slow/60?q=a", "/slow/20?q=b", "/slow/1?q=c"];
      const all = await Promise.all(paths.map((path) => api.request({ method: "GET", path })));
      return all.map(({ text, json }) => [text, json]);
    });
    expect(texts).toEqual([
      ["slow a", undefined],
      ["slow b", undefined],
      ["slow c", undefined],
    ]);
  });

  test("what Express answers by itself is an answer too", async () => {
    const seen = await using(counter, async (api) => [
      await api.request({ method: "GET", path: "/nowhere" }),
      await api.request({ method: "GET", path: "/broken" }),
      await api.request({
        method: "POST",
        path: "/count",
        headers: { "content-type": "application/json" },
        body: "{",
      }),
    ]);
    expect(seen.map(({ status }) => status)).toEqual([404, 500, 400]);
    expect(JSON.stringify(seen)).not.toContain("secret detail");
  });

  test("a restart begins with a new state", async () => {
    const count = await using(counter, async (api) => {
      await api.request({ method: "POST", path: "/count", body: { by: 2 } });
      await api.restart();
      return api.request({ method: "POST", path: "/count", body: { by: 1 } });
    });
    expect(count.json).toMatchObject({ count: 1 });
  });

  test("a file without a router says so", async () => {
    const problem = await problemOf(using("export const app = 1;", (api) => api.start()));
    expect(problem).toEqual({ kind: "missing-export", name: "default", found: ["app"] });
  });

  test("a body of 16 MB is answered, a larger one is refused as data", async () => {
    const source = `import { Router } from "express";
      const router = Router();
      router.get("/:mb", (request, response) => { response.send("x".repeat(Number(request.params.mb) * 1024 * 1024)); });
      export default router;`;
    await using(source, async (api) => {
      expect((await api.request({ method: "GET", path: "/15" })).text).toHaveLength(15 * 1024 * 1024);
      expect(await problemOf(api.request({ method: "GET", path: "/20" }))).toMatchObject({
        kind: "not-data",
      });
    });
  });
});
