import type { Api } from "../protocol/api.ts";
import { apis } from "../protocol/apis.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { BrokerConnection, ConnectionLost } from "./broker-connection.ts";
import { noPartition, noTopic, refused, unreachable } from "./errors.ts";
import { KafkaCode, retrying } from "./retry.ts";

interface Node {
  readonly host: string;
  readonly port: number;
}

export interface RequestOptions {
  readonly maxVersion?: number | undefined;
  /** How long one answer may take; default: the cluster's timeout. */
  readonly answerMs?: number | undefined;
}

const GROUP = 0;

/** The brokers behind an address: who leads which partition, who coordinates which group, connections to each. */
export class Cluster {
  readonly brokers: string;
  readonly timeoutMs: number;
  readonly #clientId: string;
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  readonly #nodes = new Map<number, Node>();
  /** By topic: the leader of each partition. */
  readonly #leaders = new Map<string, readonly number[]>();
  readonly #coordinators = new Map<string, Node>();
  #isClosed = false;

  constructor(options: { readonly brokers: string; readonly clientId: string; readonly timeoutMs: number }) {
    this.brokers = options.brokers;
    this.#clientId = options.clientId;
    this.timeoutMs = options.timeoutMs;
  }

  /** Runs a call again on what passes by itself; then its last error in words. `what` names it: "the commit of g". */
  async attempt<T>(
    what: { readonly action: string; readonly where: string; readonly topic?: string },
    call: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await retrying(call, {
        timeoutMs: this.timeoutMs,
        signal,
        onFailure: () => {
          if (what.topic !== undefined) this.#leaders.delete(what.topic);
          this.#coordinators.clear();
        },
        // A topic that is not there is told at once: the one who asked has not made it. So is a full disk.
        finalCodes: [
          ErrorCode.unknownTopicOrPartition,
          ErrorCode.unknownTopicId,
          ErrorCode.kafkaStorageError,
        ],
      });
    } catch (error) {
      if (error instanceof ConnectionLost) throw unreachable(this.brokers, error);
      if (!(error instanceof KafkaCode)) throw error;
      if (error.code === ErrorCode.unknownTopicOrPartition && what.topic !== undefined)
        throw noTopic(what.topic);
      throw refused(what.action, what.where, error.code, error.says);
    }
  }

  /** To any broker. */
  async toAny<Q, QIn, R, RIn>(api: Api<Q, QIn, R, RIn>, body: QIn, options: RequestOptions = {}): Promise<R> {
    return this.#ask(await this.#any(), api, body, options);
  }

  /** To the leader of a partition. `lane` names one of several connections: a long poll has its own. */
  async toLeader<Q, QIn, R, RIn>(
    at: { readonly topic: string; readonly partition: number; readonly lane?: string },
    api: Api<Q, QIn, R, RIn>,
    body: QIn,
    options: RequestOptions = {},
  ): Promise<R> {
    const leader = (await this.leaders(at.topic))[at.partition];
    if (leader === undefined) throw noPartition(at.topic, at.partition);
    const node = this.#nodes.get(leader);
    if (node === undefined) throw new KafkaCode(ErrorCode.leaderNotAvailable);
    return this.#ask(await this.#connection(node, at.lane ?? ""), api, body, options);
  }

  /** To the coordinator of a group. */
  async toCoordinator<Q, QIn, R, RIn>(
    group: string,
    api: Api<Q, QIn, R, RIn>,
    body: QIn,
    options: RequestOptions = {},
  ): Promise<R> {
    let node = this.#coordinators.get(group);
    if (node === undefined) {
      const found = await this.toAny(apis.findCoordinator, { key: group, keyType: GROUP }, { maxVersion: 3 });
      if (found.errorCode !== ErrorCode.none) throw new KafkaCode(found.errorCode, found.errorMessage);
      node = { host: found.host, port: found.port };
      this.#coordinators.set(group, node);
    }
    return this.#ask(await this.#connection(node, "coordinator"), api, body, options);
  }

  /** The leaders of a topic's partitions, by their numbers. Never makes a topic. */
  async leaders(topic: string): Promise<readonly number[]> {
    const known = this.#leaders.get(topic);
    if (known !== undefined) return known;
    const answer = await this.toAny(
      apis.metadata,
      { topics: [{ name: topic }], allowAutoTopicCreation: false },
      { maxVersion: 8 },
    );
    for (const { nodeId, host, port } of answer.brokers) this.#nodes.set(nodeId, { host, port });
    const found = answer.topics.find(({ name }) => name === topic);
    if (found === undefined) throw new KafkaCode(ErrorCode.unknownTopicOrPartition);
    if (found.errorCode !== ErrorCode.none) throw new KafkaCode(found.errorCode);
    const leaders: number[] = [];
    for (const { partition, leaderId } of found.partitions) leaders[partition] = leaderId;
    this.#leaders.set(topic, leaders);
    return leaders;
  }

  forgetLeaders(topic: string): void {
    this.#leaders.delete(topic);
  }

  /** Closes the connections of a lane; what is on its way there fails as lost. */
  async dropLane(lane: string): Promise<void> {
    for (const [key, opening] of [...this.#connections]) {
      if (!key.endsWith(` ${lane}`)) continue;
      this.#connections.delete(key);
      const opened = await opening.catch(() => undefined);
      opened?.close();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = await Promise.allSettled(this.#connections.values());
    for (const one of opened) if (one.status === "fulfilled") one.value.close();
    this.#connections.clear();
  }

  #ask<Q, QIn, R, RIn>(
    connection: BrokerConnection,
    api: Api<Q, QIn, R, RIn>,
    body: QIn,
    { maxVersion, answerMs }: RequestOptions,
  ): Promise<R> {
    return connection.request(api, body, { timeoutMs: answerMs ?? this.timeoutMs, maxVersion });
  }

  async #any(): Promise<BrokerConnection> {
    let last: unknown = new ConnectionLost("no address");
    for (const node of addressesOf(this.brokers)) {
      try {
        return await this.#connection(node, "");
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async #connection({ host, port }: Node, lane: string): Promise<BrokerConnection> {
    if (this.#isClosed) throw new Error("this topic log is closed");
    const key = `${host}:${port} ${lane}`;
    const known = this.#connections.get(key);
    if (known !== undefined) {
      const opened = await known.catch(() => undefined);
      if (opened !== undefined && !opened.isLost) return opened;
      if (this.#connections.get(key) === known) this.#connections.delete(key);
      return this.#connection({ host, port }, lane);
    }
    const opening = BrokerConnection.open({
      host,
      port,
      clientId: this.#clientId,
      timeoutMs: Math.min(this.timeoutMs, 10_000),
    });
    this.#connections.set(key, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
      throw error;
    }
  }
}

/** `host:port,host:port`; a port that is missing is 9092. */
export function addressesOf(brokers: string): Node[] {
  return brokers
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one) => {
      const at = one.lastIndexOf(":");
      const hasPort = at > 0 && /^\d+$/.test(one.slice(at + 1));
      const host = hasPort ? one.slice(0, at) : one;
      return { host: host.replace(/^\[(.*)\]$/, "$1"), port: hasPort ? Number(one.slice(at + 1)) : 9092 };
    });
}
