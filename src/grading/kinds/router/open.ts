import type { RouterExercise, RouterResponse, RouterSubmission } from "../../exercise.ts";
import { ProcessCase } from "../process-case.ts";
import type { PreparedSubmission } from "../submission.ts";
import { bundleAhead, codePlan } from "../ts/open.ts";
import type { RawResponse, RouterHarnessRequest } from "./protocol.ts";

/** Bundles a submission of kind `router`, and starts its first process meanwhile. */
export async function prepareRouter(
  spec: RouterExercise,
  files: Readonly<Record<string, string>>,
): Promise<PreparedSubmission<"router">> {
  const bundle = await bundleAhead(spec, files);
  return {
    kind: "router",
    files,
    open: (world) => {
      const running = new ProcessCase(codePlan(spec, bundle, world, () => {}));
      return {
        handle: handleOf(running),
        output: () => running.output(),
        close: () => running.close(),
      };
    },
    close: async () => {},
  };
}

function handleOf(running: ProcessCase): RouterSubmission {
  return {
    start: () => running.start(),
    kill: () => running.kill(),
    restart: () => running.restart(),
    request: async (request) => {
      const asked: RouterHarnessRequest = { kind: "request", request };
      return withJson((await running.ask(asked)) as RawResponse);
    },
  };
}

function withJson(response: RawResponse): RouterResponse {
  try {
    return { ...response, json: JSON.parse(response.text) as unknown };
  } catch {
    return { ...response, json: undefined };
  }
}
