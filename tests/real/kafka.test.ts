import { afterAll, beforeAll, describe } from "vitest";
import {
  type ApacheKafka,
  isKafkaInstalled,
  isKafkaRequired,
  startApacheKafka,
} from "../../bench/kafka/apache-kafka.ts";
import { kafkaContract } from "../services/kafka/contract.ts";

describe.skipIf(!isKafkaInstalled && !isKafkaRequired)(
  `Apache Kafka${isKafkaInstalled ? "" : " (not installed: bash tests/real/setup.sh kafka)"}`,
  () => {
    let kafka: ApacheKafka;
    beforeAll(async () => {
      kafka = await startApacheKafka();
    });
    afterAll(() => kafka?.stop());
    kafkaContract(() => kafka.brokers);
  },
);
