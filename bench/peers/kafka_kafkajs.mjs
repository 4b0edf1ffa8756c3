// kafkajs: node kafka_kafkajs.mjs BROKERS TOPIC RECORDS SIZE: produces, then consumes; prints messages a second of each.
import { Kafka, logLevel } from "kafkajs";

process.env.KAFKAJS_NO_PARTITIONER_WARNING = "1";
const [brokers, topic, records, size] = process.argv.slice(2);
const count = Number(records);
// One batch a send: it must stay below max.message.bytes.
const BATCH = 4_000;
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
const value = Buffer.alloc(Number(size), "x");

const producer = kafka.producer();
await producer.connect();
await producer.send({ topic: `${topic}.warm`, messages: [{ value }] });
let start = performance.now();
for (let sent = 0; sent < count; sent += BATCH) {
  const messages = Array.from({ length: Math.min(BATCH, count - sent) }, () => ({ value }));
  await producer.send({ topic, acks: 1, messages });
}
const produced = count / ((performance.now() - start) / 1000);
await producer.disconnect();

const consumer = kafka.consumer({ groupId: `${topic}.group` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let seen = 0;
const consumed = await new Promise((resolve) => {
  void consumer.run({
    eachBatch: async ({ batch }) => {
      if (seen === 0) start = performance.now();
      seen += batch.messages.length;
      if (seen >= count) resolve(seen / ((performance.now() - start) / 1000));
    },
  });
});
console.log(JSON.stringify({ produced, consumed }));
process.exit(0);
