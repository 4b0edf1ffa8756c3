import type { RouterRequest, RouterResponse } from "../../exercise.ts";

export type RouterHarnessRequest =
  /** Loads the bundle and mounts what it exports. */
  { readonly kind: "load" } | { readonly kind: "request"; readonly request: RouterRequest };

/** What the harness answers to a request; the body is parsed on our side. */
export type RawResponse = Omit<RouterResponse, "json">;
