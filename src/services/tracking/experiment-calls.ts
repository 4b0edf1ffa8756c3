import { z } from "zod";
import { callTracking, TrackingError, type TrackingTarget } from "./request.ts";
import { type Experiment, experimentSchema, type ViewType } from "./schema.ts";
import { type Page, type SearchOptions, searchData, tagPairs } from "./search.ts";

export interface ExperimentCalls {
  /** Gives the new experiment's id. A taken name is refused with RESOURCE_ALREADY_EXISTS, a deleted one's name too. */
  createExperiment(name: string, options?: ExperimentOptions): Promise<string>;
  /** The id of the experiment of this name, made if it is missing; two that call at once get the same. */
  ensureExperiment(name: string): Promise<string>;
  getExperiment(experimentId: string): Promise<Experiment>;
  /** Undefined when no experiment has this name. */
  getExperimentByName(name: string): Promise<Experiment | undefined>;
  /** Filter over `name`, `creation_time`, `tags.…`; default order: the newest first. */
  searchExperiments(options?: SearchOptions & { viewType?: ViewType | undefined }): Promise<Page<Experiment>>;
  renameExperiment(experimentId: string, name: string): Promise<void>;
  /** Marks it and its runs as deleted; {@link restoreExperiment} brings them back. */
  deleteExperiment(experimentId: string): Promise<void>;
  restoreExperiment(experimentId: string): Promise<void>;
  setExperimentTag(experimentId: string, key: string, value: string): Promise<void>;
}

export interface ExperimentOptions {
  /** Where artifacts go; default: the server's own store. */
  readonly artifactLocation?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const nothing = z.unknown().transform(() => undefined);
const created = z.object({ experiment_id: z.string() });
const one = z.object({ experiment: experimentSchema });
const many = z.object({
  experiments: z.array(experimentSchema).default([]),
  next_page_token: z.string().optional(),
});

export function experimentCalls(target: TrackingTarget): ExperimentCalls {
  const post = (call: string, data: Record<string, unknown>) =>
    callTracking(target, { method: "POST", call: `mlflow/experiments/${call}`, data, schema: nothing });

  const createExperiment: ExperimentCalls["createExperiment"] = async (name, options = {}) => {
    const { experiment_id } = await callTracking(target, {
      method: "POST",
      call: "mlflow/experiments/create",
      data: { name, artifact_location: options.artifactLocation, tags: tagPairs(options.tags) },
      schema: created,
    });
    return experiment_id;
  };

  const getExperimentByName: ExperimentCalls["getExperimentByName"] = async (name) => {
    try {
      const found = await callTracking(target, {
        method: "GET",
        call: "mlflow/experiments/get-by-name",
        data: { experiment_name: name },
        schema: one,
      });
      return found.experiment;
    } catch (error) {
      if (error instanceof TrackingError && error.errorCode === "RESOURCE_DOES_NOT_EXIST") return undefined;
      throw error;
    }
  };

  return {
    createExperiment,
    getExperimentByName,
    ensureExperiment: async (name) => {
      const found = await getExperimentByName(name);
      if (found !== undefined) return found.experiment_id;
      try {
        return await createExperiment(name);
      } catch (error) {
        // Another was first.
        const isTaken = error instanceof TrackingError && error.errorCode === "RESOURCE_ALREADY_EXISTS";
        const theirs = isTaken ? await getExperimentByName(name) : undefined;
        if (theirs === undefined) throw error;
        return theirs.experiment_id;
      }
    },
    getExperiment: async (experimentId) => {
      const found = await callTracking(target, {
        method: "GET",
        call: "mlflow/experiments/get",
        data: { experiment_id: experimentId },
        schema: one,
      });
      return found.experiment;
    },
    searchExperiments: async (options = {}) => {
      const page = await callTracking(target, {
        method: "POST",
        call: "mlflow/experiments/search",
        data: { ...searchData({ maxResults: 1000, ...options }), view_type: options.viewType },
        schema: many,
      });
      return { items: page.experiments, nextPageToken: page.next_page_token };
    },
    renameExperiment: (experimentId, name) => post("update", { experiment_id: experimentId, new_name: name }),
    deleteExperiment: (experimentId) => post("delete", { experiment_id: experimentId }),
    restoreExperiment: (experimentId) => post("restore", { experiment_id: experimentId }),
    setExperimentTag: (experimentId, key, value) =>
      post("set-experiment-tag", { experiment_id: experimentId, key, value }),
  };
}
