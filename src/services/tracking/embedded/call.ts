import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../../core/effects.ts";
import type { Fields } from "./fields.ts";
import type { ArtifactStore } from "./store/artifacts.ts";
import type { Catalogue } from "./store/catalogue.ts";
import type { MetricStore } from "./store/metrics.ts";

export interface Stores {
  readonly catalogue: Catalogue;
  readonly metrics: MetricStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
}

/** One request, as a handler gets it. */
export interface Call {
  readonly stores: Stores;
  readonly fields: Fields;
  /** What the path's `{…}` stand for, decoded. */
  readonly path: Readonly<Record<string, string>>;
}

/** An answer's JSON; a long one comes in pieces, so that it is never whole in memory. */
export type Answer = Readonly<Record<string, unknown>> | AsyncIterable<string>;

export type Handler = (call: Call) => Promise<Answer> | Answer;

/** A handler that reads the body, or writes the answer, by itself. */
export type RawHandler = (
  call: Omit<Call, "fields">,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/** `{"<name>": [item, item], <rest>}`, an item at a time. */
export async function* jsonList(
  name: string,
  items: AsyncIterable<unknown> | Iterable<unknown>,
  rest: Readonly<Record<string, unknown>> = {},
): AsyncGenerator<string> {
  let isFirst = true;
  for await (const item of items) {
    yield `${isFirst ? `{${JSON.stringify(name)}:[` : ","}${JSON.stringify(item)}`;
    isFirst = false;
  }
  const tail = JSON.stringify(rest);
  if (isFirst) yield tail;
  else yield tail === "{}" ? "]}" : `],${tail.slice(1)}`;
}
