import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Clock, systemClock } from "../../../core/effects.ts";
import { systemCode } from "../../../core/errors.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Flusher } from "./flusher.ts";
import { CommittedOffsets } from "./groups/committed-offsets.ts";
import { Groups } from "./groups/groups.ts";
import { OpenFiles } from "./log/open-files.ts";
import type { BrokerEvent, KafkaOptions } from "./options.ts";
import { StateLog } from "./state-log.ts";
import { Topics } from "./topics.ts";
import { TransactionCoordinator } from "./transactions/coordinator.ts";

/** Ours is the only node of its cluster. */
export const NODE_ID = 1;
const RETENTION_EVERY = 30;

/** Everything that one broker keeps, behind its protocol: made from a folder, closed into it. */
export class Broker {
  readonly clusterId: string;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly transactions: TransactionCoordinator;
  readonly flusher: Flusher;
  readonly clock: Clock;
  readonly buffers = new BufferPool();
  readonly defaultPartitions: number;
  readonly createsTopics: boolean;
  readonly minSessionTimeoutMs: number;
  readonly onEvent: (event: BrokerEvent) => void;
  readonly #files = new OpenFiles();
  readonly #care: NodeJS.Timeout;

  constructor(options: KafkaOptions) {
    const { folder } = options;
    this.clock = options.clock ?? systemClock;
    this.defaultPartitions = options.partitions ?? 1;
    this.createsTopics = options.createsTopics ?? true;
    this.minSessionTimeoutMs = options.minSessionTimeoutMs ?? 6_000;
    this.onEvent = options.onEvent ?? (() => undefined);
    mkdirSync(folder, { recursive: true });
    this.clusterId = clusterIdOf(folder);
    this.flusher = new Flusher(options.flush ?? { everyMs: 1_000 });
    this.topics = new Topics({
      folder,
      files: this.#files,
      flusher: this.flusher,
      onCut: (what) => this.onEvent({ kind: "cut", ...what }),
    });
    const offsets = new CommittedOffsets(folder, this.flusher);
    this.groups = new Groups(offsets);
    this.transactions = new TransactionCoordinator({
      folder,
      flusher: this.flusher,
      topics: this.topics,
      offsets,
      clock: this.clock,
    });
    let turns = 0;
    this.#care = setInterval(() => {
      try {
        this.transactions.abortExpired();
        if (turns++ % RETENTION_EVERY === 0) this.topics.applyRetention(this.clock.now());
      } catch (error) {
        // A full disk, most likely: the next turn tries again.
        this.onEvent({ kind: "failed", api: "care", error });
      }
    }, options.careEveryMs ?? 1_000);
    this.#care.unref();
  }

  /** Does what writes to the disk; what the disk refuses (full, read-only) is told to the operator, and is an error code. */
  storing(topic: string, partition: number, write: () => void): number {
    try {
      write();
      return ErrorCode.none;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      this.onEvent({ kind: "disk", topic, partition, error });
      return ErrorCode.kafkaStorageError;
    }
  }

  /** The answer, once all that was written is on the disk, where each answer has to wait for that. */
  durable<T>(answer: T): T | Promise<T> {
    return this.flusher.isEach ? this.flusher.flushAll().then(() => answer) : answer;
  }

  /** Ends groups, saves what makes the next start quick, flushes. */
  async close(): Promise<void> {
    clearInterval(this.#care);
    this.groups.close();
    this.transactions.close();
    this.topics.close();
    await this.flusher.close();
    this.#files.closeAll();
  }
}

function clusterIdOf(folder: string): string {
  const state = new StateLog(join(folder, "broker.state"));
  try {
    const stored = state.entries().find(([key]) => key === "cluster-id")?.[1];
    if (stored !== undefined) return z.string().parse(stored);
    const id = randomBytes(16).toString("base64url");
    state.put([["cluster-id", id]]);
    return id;
  } finally {
    state.close();
  }
}
