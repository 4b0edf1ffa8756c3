import type { SubmissionProblem } from "../verdict.ts";

/**
 * What crosses between us and a sandboxed process: requests on descriptor 3, answers on 4. A frame is
 * length (uint32, little-endian, of what follows) · nonce (16 bytes) · message (V8's structured clone).
 *
 * The nonce is drawn per process and travels once, in the first frame, which the harness reads before the
 * submission loads: bytes that a submission writes on descriptor 4 are no answer. Later requests carry zeros.
 */
export const REQUEST_FD = 3;
export const ANSWER_FD = 4;
export const NONCE_BYTES = 16;
export const HEADER_BYTES = 4 + NONCE_BYTES;

/** Larger answers are `not-data`: a result that has to be judged is small. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The first frame's message; `init` is the kind's own. */
export interface Begin {
  readonly clockMs: number;
  readonly seed: number;
  readonly init: unknown;
}

export interface Request {
  readonly id: number;
  readonly body: unknown;
}

export type Message =
  /** The harness has read the first frame; from here on time counts. */
  | { readonly kind: "booted" }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "problem"; readonly id: number; readonly problem: RawProblem }
  /** Something closed was touched; said at once, whatever the submission makes of the exception. */
  | { readonly kind: "refused"; readonly problem: RawProblem }
  /** An exception that nothing awaited; the process ends. */
  | { readonly kind: "crashed"; readonly problem: RawProblem };

/** A problem as the sandbox sees it: positions are still those of the bundle, in `stack`. */
export interface RawProblem {
  readonly problem: SubmissionProblem;
  readonly stack?: string | undefined;
}

/** What a submission was refused, as `SubmissionProblem` of kind `refused` names it. */
export type RefusedWhat =
  | "import"
  | "read"
  | "write"
  | "network"
  | "child-process"
  | "worker"
  | "addon"
  | "kill"
  | "process"
  | "channel"
  | "sql";
