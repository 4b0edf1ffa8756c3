import { type ArtifactCalls, artifactCalls } from "./artifact-calls.ts";
import { type ExperimentCalls, experimentCalls } from "./experiment-calls.ts";
import { type RegistryCalls, registryCalls } from "./registry-calls.ts";
import { parseTrackingUri } from "./request.ts";
import { type RunCalls, runCalls } from "./run-calls.ts";

export { TrackingError } from "./request.ts";
export type {
  Experiment,
  FileInfo,
  Metric,
  ModelVersion,
  Pair,
  RegisteredModel,
  Run,
  RunInfo,
  RunStatus,
  ViewType,
} from "./schema.ts";

/**
 * MLflow's tracking server and model registry over its REST API (version 2.0), as MLflow's own `MlflowClient` has it:
 * the same names in camelCase, and entities in the shape of the API. Works with the embedded server and with
 * MLflow from 2.0 on.
 *
 * Every call may throw: `tracking-unreachable` (nobody answers in time), `tracking-not-mlflow` (something else does),
 * `tracking-forbidden` (401, or a host that the server does not allow), and a {@link TrackingError}, which keeps the
 * server's `error_code`. An aborted signal throws CancelledError.
 */
export interface TrackingClient extends ExperimentCalls, RunCalls, ArtifactCalls, RegistryCalls {
  /** The address, without user and password. */
  readonly uri: string;
}

export interface TrackingOptions {
  /** `http://host:port`, with `user:password@` where the server asks for it: what TALLER_MLFLOW_URI holds. */
  readonly uri: string;
  /** How long one call may take; default 30 s. Artifacts too. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A client of one server. It keeps no connection of its own: there is nothing to close. */
export function openTracking(options: TrackingOptions): TrackingClient {
  const target = {
    ...parseTrackingUri(options.uri),
    timeoutMs: options.timeoutMs ?? 30_000,
    signal: options.signal,
  };
  return {
    uri: target.uri,
    ...experimentCalls(target),
    ...runCalls(target),
    ...artifactCalls(target),
    ...registryCalls(target),
  };
}
