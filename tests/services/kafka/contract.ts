import { clientContract } from "./contract/client.ts";
import { groupContract } from "./contract/groups.ts";
import { producerContract } from "./contract/producers.ts";
import { topicLogContract } from "./contract/topic-log.ts";
import { topicContract } from "./contract/topics.ts";
import { transactionContract } from "./contract/transactions.ts";

/**
 * What every Kafka must do for us: the same tests on the embedded broker and on Apache Kafka. The address is asked
 * for when a test runs.
 */
export function kafkaContract(address: () => string): void {
  clientContract(address);
  topicContract(address);
  groupContract(address);
  producerContract(address);
  transactionContract(address);
  topicLogContract(address);
}
