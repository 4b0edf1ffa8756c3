import { join } from "node:path";
import type { Clock } from "../../../../core/effects.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import type { Flusher } from "../flusher.ts";
import type { CommittedOffsets } from "../groups/committed-offsets.ts";
import { StateLog } from "../state-log.ts";
import type { Topics } from "../topics.ts";
import { ProducerIds } from "./producer-ids.ts";
import {
  LAST_EPOCH,
  type TopicPartition,
  type Transaction,
  type TransactionOffset,
  transactionSchema,
} from "./transaction.ts";

const ID_PREFIX = "id/";
/** There is one coordinator, for ever. */
const COORDINATOR_EPOCH = 0;

/** Who speaks: the producer id and epoch that InitProducerId gave. */
export interface ProducerName {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * Transactions over partitions and group offsets (KIP-98). A decision is stored before its markers are written, and
 * finished at the next start if a kill came between: a transaction is committed or aborted everywhere.
 */
export class TransactionCoordinator {
  readonly #state: StateLog;
  readonly #flusher: Flusher;
  readonly #topics: Topics;
  readonly #offsets: CommittedOffsets;
  readonly #clock: Clock;
  readonly #producerIds: ProducerIds;
  readonly #byId = new Map<string, Transaction>();
  readonly #idByProducer = new Map<number, string>();

  constructor(input: {
    readonly folder: string;
    readonly flusher: Flusher;
    readonly topics: Topics;
    readonly offsets: CommittedOffsets;
    readonly clock: Clock;
  }) {
    this.#state = new StateLog(join(input.folder, "transactions.state"));
    this.#flusher = input.flusher;
    this.#topics = input.topics;
    this.#offsets = input.offsets;
    this.#clock = input.clock;
    this.#producerIds = new ProducerIds(this.#state);
    for (const [key, value] of this.#state.entries())
      if (key.startsWith(ID_PREFIX))
        this.#remember(key.slice(ID_PREFIX.length), transactionSchema.parse(value));
    for (const id of this.#byId.keys()) this.#settle(id);
  }

  /** A new producer without transactions. */
  newProducer(): ProducerName {
    return { producerId: this.#producerIds.next(), producerEpoch: 0 };
  }

  /**
   * Makes the caller the only producer of a transactional id: the former one is fenced, its open transaction aborted.
   * With the name that it had before, a producer that lost its way gets a new epoch.
   */
  init(id: string, timeoutMs: number, former: ProducerName): ProducerName | { readonly errorCode: number } {
    this.#settle(id);
    const known = this.#byId.get(id);
    if (known === undefined) {
      const { producerId, producerEpoch } = this.newProducer();
      this.#save(id, { ...empty, producerId, epoch: producerEpoch, timeoutMs });
      return { producerId, producerEpoch };
    }
    if (
      former.producerId >= 0 &&
      (former.producerId !== known.producerId || former.producerEpoch !== known.epoch)
    )
      return { errorCode: ErrorCode.producerFenced };
    const isSpent = known.epoch >= LAST_EPOCH;
    const epoch = known.epoch + 1;
    if (known.state === "Ongoing") this.#decide(id, { ...known, epoch }, "abort");
    const next = isSpent ? this.newProducer() : { producerId: known.producerId, producerEpoch: epoch };
    this.#idByProducer.delete(known.producerId);
    this.#save(id, { ...empty, producerId: next.producerId, epoch: next.producerEpoch, timeoutMs });
    return next;
  }

  /** Adds partitions to the open transaction; the first ones open it. */
  addPartitions(id: string, by: ProducerName, partitions: readonly TopicPartition[]): number {
    return this.#enrol(id, by, (open) => {
      const added = partitions.filter((one) => !hasPartition(open, one));
      return { ...open, partitions: [...open.partitions, ...added] };
    });
  }

  /** Says that the transaction will store offsets of a group. */
  addGroup(id: string, by: ProducerName, group: string): number {
    return this.#enrol(id, by, (open) =>
      open.groups.includes(group) ? open : { ...open, groups: [...open.groups, group] },
    );
  }

  /** Offsets that become the group's when the transaction commits. */
  addOffsets(id: string, by: ProducerName, group: string, offsets: readonly TransactionOffset[]): number {
    const known = this.#byId.get(id);
    const errorCode = check(known, by);
    if (errorCode !== ErrorCode.none || known === undefined) return errorCode;
    if (known.state !== "Ongoing" || !known.groups.includes(group)) return ErrorCode.invalidTxnState;
    const others = known.offsets.filter(
      (one) =>
        one.group !== group ||
        !offsets.some(({ topic, partition }) => one.topic === topic && one.partition === partition),
    );
    this.#save(id, { ...known, offsets: [...others, ...offsets] });
    return ErrorCode.none;
  }

  /** Whether a group has offsets that are not decided yet. */
  hasPendingOffset(group: string, topic: string, partition: number): boolean {
    for (const { state, offsets } of this.#byId.values())
      if (
        state === "Ongoing" &&
        offsets.some((one) => one.group === group && one.topic === topic && one.partition === partition)
      )
        return true;
    return false;
  }

  end(id: string, by: ProducerName, how: "commit" | "abort"): number {
    this.#settle(id);
    const known = this.#byId.get(id);
    const errorCode = check(known, by);
    if (errorCode !== ErrorCode.none || known === undefined) return errorCode;
    // A repeated request whose answer was lost.
    if (known.state === (how === "commit" ? "CompleteCommit" : "CompleteAbort")) return ErrorCode.none;
    if (known.state !== "Ongoing") return ErrorCode.invalidTxnState;
    this.#decide(id, known, how);
    return ErrorCode.none;
  }

  /** Whether a transactional batch may be written to a partition now. */
  mayWrite(by: ProducerName, at: TopicPartition): number {
    const id = this.#idByProducer.get(by.producerId);
    const known = id === undefined ? undefined : this.#byId.get(id);
    if (known === undefined) return ErrorCode.invalidProducerIdMapping;
    if (by.producerEpoch < known.epoch) return ErrorCode.invalidProducerEpoch;
    return known.state === "Ongoing" && hasPartition(known, at) ? ErrorCode.none : ErrorCode.invalidTxnState;
  }

  /** Aborts what has been open for longer than its producer said; the producer is fenced. */
  abortExpired(): void {
    const now = this.#clock.now();
    for (const [id, one] of this.#byId)
      if (one.state === "Ongoing" && one.startedAt + one.timeoutMs < now)
        this.#decide(id, { ...one, epoch: one.epoch + 1 }, "abort");
  }

  get(id: string): Transaction | undefined {
    return this.#byId.get(id);
  }

  all(): [string, Transaction][] {
    return [...this.#byId];
  }

  close(): void {
    this.#state.close();
  }

  #enrol(id: string, by: ProducerName, change: (open: Transaction) => Transaction): number {
    this.#settle(id);
    const known = this.#byId.get(id);
    const errorCode = check(known, by);
    if (errorCode !== ErrorCode.none || known === undefined) return errorCode;
    const open: Transaction =
      known.state === "Ongoing"
        ? known
        : { ...known, ...nothingOpen, state: "Ongoing", startedAt: this.#clock.now() };
    const changed = change(open);
    if (changed !== known) this.#save(id, changed);
    return ErrorCode.none;
  }

  #decide(id: string, open: Transaction, how: "commit" | "abort"): void {
    this.#save(id, { ...open, state: how === "commit" ? "PrepareCommit" : "PrepareAbort" });
    this.#finish(id);
  }

  /** Finishes what a kill, or a full disk, had left decided but not done. */
  #settle(id: string): void {
    if (this.#byId.get(id)?.state.startsWith("Prepare")) this.#finish(id);
  }

  /** Carries out a stored decision; what a former try has done already is left as it is. */
  #finish(id: string): void {
    const decided = this.#byId.get(id);
    if (decided === undefined) return;
    const kind = decided.state === "PrepareCommit" ? "commit" : "abort";
    for (const { topic, partition } of decided.partitions) {
      const log = this.#topics.log(topic, partition);
      if (log === undefined || !log.hasOpenTransaction(decided.producerId)) continue;
      log.appendMarker({
        kind,
        producerId: decided.producerId,
        producerEpoch: decided.epoch,
        coordinatorEpoch: COORDINATOR_EPOCH,
        timestamp: this.#clock.now(),
      });
      this.#flusher.wrote(log.activePath);
    }
    if (kind === "commit")
      for (const group of decided.groups)
        this.#offsets.commit(
          group,
          decided.offsets.filter((one) => one.group === group && this.#topics.get(one.topic) !== undefined),
        );
    this.#save(id, {
      ...decided,
      ...nothingOpen,
      state: kind === "commit" ? "CompleteCommit" : "CompleteAbort",
    });
  }

  #save(id: string, transaction: Transaction): void {
    this.#state.put([[`${ID_PREFIX}${id}`, transaction]]);
    this.#flusher.wrote(this.#state.path);
    this.#remember(id, transaction);
  }

  #remember(id: string, transaction: Transaction): void {
    this.#byId.set(id, transaction);
    this.#idByProducer.set(transaction.producerId, id);
  }
}

const nothingOpen = { startedAt: -1, partitions: [], groups: [], offsets: [] };
const empty = { ...nothingOpen, state: "Empty" as const };

function check(known: Transaction | undefined, by: ProducerName): number {
  if (known === undefined || known.producerId !== by.producerId) return ErrorCode.invalidProducerIdMapping;
  return known.epoch === by.producerEpoch ? ErrorCode.none : ErrorCode.producerFenced;
}

function hasPartition(transaction: Transaction, { topic, partition }: TopicPartition): boolean {
  return transaction.partitions.some((one) => one.topic === topic && one.partition === partition);
}
