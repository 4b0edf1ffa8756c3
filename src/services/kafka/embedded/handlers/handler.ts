import type { Api } from "../../protocol/api.ts";
import type { Input, Value } from "../../protocol/types.ts";
import type { Broker } from "../broker.ts";

/** Who asks, and how. */
export interface RequestContext {
  readonly broker: Broker;
  readonly version: number;
  readonly clientId: string;
  /** The other end's address, as DescribeGroups shows it. */
  readonly clientHost: string;
  /** Where this client finds the broker. */
  readonly address: { readonly host: string; readonly port: number };
  /** A buffer for the answer, used again once the answer is sent; its content is anything. */
  buffer(sizeBytes: number): Buffer;
  /** Calls back when the connection ends, until the returned function is called. */
  onClose(listener: () => void): () => void;
}

/** Answers one kind of request; undefined for none (a Produce with acks=0). */
export type Handler<A extends Api<unknown, never, unknown, never>> = (
  request: Value<A["request"]>,
  context: RequestContext,
) => Answer<Input<A["response"]>>;

export type Answer<T> = T | undefined | Promise<T | undefined>;
