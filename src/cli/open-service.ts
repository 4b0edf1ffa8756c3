import type { OpenService } from "../course/run-pipeline.ts";
import type { CliContext } from "./context.ts";

/** Finds a service of the learner's folder, or starts it, for pipelines: loaded with the first one that asks. */
export function serviceOpener(context: CliContext, workspace: string): OpenService {
  return async (name) => {
    const { openServices } = await import("../services/set/open-services.ts");
    const { env, signal, emit } = context;
    const opened = await openServices({ workspace, names: [name], env, signal, emit });
    return { address: opened.addresses[name], close: async () => opened.close() };
  };
}
