import { BrokerConnection, ConnectionLost } from "../../../src/services/kafka/client/broker-connection.ts";
import { apis } from "../../../src/services/kafka/protocol/apis.ts";
import { ErrorCode } from "../../../src/services/kafka/protocol/errors.ts";
import { batchOf } from "./batches.ts";

const TIMEOUT = { timeoutMs: 10_000 };

/**
 * A transactional producer that writes each number to two partitions and stores the offset after it for a group, by
 * the protocol itself. It says what it knows of each transaction's end: `committed` and `aborted` are acknowledged.
 */
export class Transactor {
  readonly #port: number;
  readonly #id: string;
  #connection: BrokerConnection | undefined;
  #producer = { producerId: -1, producerEpoch: -1 };
  #sequence = 0;

  constructor(port: number, id: string) {
    this.#port = port;
    this.#id = id;
  }

  /** One whole transaction on a topic with two partitions. */
  async run(
    topic: string,
    group: string,
    number: number,
    how: "commit" | "abort",
  ): Promise<"committed" | "aborted" | "not started" | "unknown"> {
    let isEnding = false;
    try {
      const connection = await this.#ready();
      const names = { transactionalId: this.#id, ...this.#producer };
      const added = await connection.request(
        apis.addPartitionsToTxn,
        { ...names, topics: [{ name: topic, partitions: [0, 1] }] },
        TIMEOUT,
      );
      expectNone(added.topics[0]?.partitions[0]?.errorCode);
      const records = (): Buffer =>
        batchOf([String(number)], {
          producer: {
            id: this.#producer.producerId,
            epoch: this.#producer.producerEpoch,
            sequence: this.#sequence,
          },
          isTransactional: true,
        });
      const produced = await connection.request(
        apis.produce,
        {
          transactionalId: this.#id,
          acks: -1,
          timeoutMs: 1_000,
          topics: [{ name: topic, partitions: [0, 1].map((index) => ({ index, records: records() })) }],
        },
        { ...TIMEOUT, maxVersion: 9 },
      );
      for (const { errorCode } of produced.topics[0]?.partitions ?? []) expectNone(errorCode);
      this.#sequence++;
      expectNone(
        (await connection.request(apis.addOffsetsToTxn, { ...names, groupId: group }, TIMEOUT)).errorCode,
      );
      const stored = await connection.request(
        apis.txnOffsetCommit,
        {
          ...names,
          groupId: group,
          topics: [{ name: topic, partitions: [{ partition: 0, offset: number + 1, metadata: null }] }],
        },
        TIMEOUT,
      );
      expectNone(stored.topics[0]?.partitions[0]?.errorCode);
      isEnding = true;
      const ended = await connection.request(apis.endTxn, { ...names, committed: how === "commit" }, TIMEOUT);
      expectNone(ended.errorCode);
      return how === "commit" ? "committed" : "aborted";
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      this.close();
      return isEnding ? "unknown" : "not started";
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Connects, and takes the transactional id: what was left open is aborted by that. */
  async #ready(): Promise<BrokerConnection> {
    if (this.#connection !== undefined && !this.#connection.isLost) return this.#connection;
    const connection = await BrokerConnection.open({
      host: "127.0.0.1",
      port: this.#port,
      clientId: "transactor",
      ...TIMEOUT,
    });
    const named = await connection.request(
      apis.initProducerId,
      { transactionalId: this.#id, transactionTimeoutMs: 60_000 },
      TIMEOUT,
    );
    expectNone(named.errorCode);
    this.#producer = { producerId: named.producerId, producerEpoch: named.producerEpoch };
    this.#sequence = 0;
    this.#connection = connection;
    return connection;
  }
}

function expectNone(errorCode: number | undefined): void {
  if (errorCode !== ErrorCode.none) throw new Error(`the broker answered ${errorCode}`);
}
