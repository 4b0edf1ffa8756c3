"""librdkafka (confluent-kafka) against a broker: kafka_confluent.py BROKERS TOPIC_PREFIX. Prints one JSON object."""
import json
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition, libversion
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

brokers, prefix = sys.argv[1:3]
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
COUNT = 500
found = {"library": libversion()[0]}
admin = AdminClient({"bootstrap.servers": brokers})


def create(topic, partitions=1):
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(30)


def consume(topic, count, **config):
    consumer = Consumer({
        "bootstrap.servers": brokers,
        "group.id": f"{topic}-{time.time()}",
        "auto.offset.reset": "earliest",
        **config,
    })
    consumer.subscribe([topic])
    seen = []
    deadline = time.time() + 60
    while len(seen) < count and time.time() < deadline:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        seen.append(message)
    consumer.commit(asynchronous=False)
    positions = consumer.committed(consumer.assignment(), timeout=30)
    consumer.close()
    return seen, sum(position.offset for position in positions)


# Every codec, idempotent: keys, values, headers and timestamps come back in order.
found["codecs"] = {}
for codec in CODECS:
    topic = f"{prefix}.{codec}"
    create(topic)
    producer = Producer({
        "bootstrap.servers": brokers,
        "enable.idempotence": True,
        "compression.type": codec,
        "linger.ms": 20,
    })
    for i in range(COUNT):
        producer.produce(
            topic,
            key=f"key {i}",
            value=f"value {i} " + "r" * 100,
            headers={"codec": codec.encode()},
            timestamp=1_700_000_000_000 + i * 1000,
        )
    producer.flush(60)
    seen, committed = consume(topic, COUNT)
    found["codecs"][codec] = {
        "rows": len(seen),
        "same": all(
            (m.key(), m.value(), m.headers(), m.timestamp()[1], m.offset())
            == (f"key {i}".encode(), (f"value {i} " + "r" * 100).encode(), [("codec", codec.encode())],
                1_700_000_000_000 + i * 1000, i)
            for i, m in enumerate(seen)
        ),
        "committed": committed,
    }
    asked = Consumer({"bootstrap.servers": brokers, "group.id": "times"})
    at = asked.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_000 + 123_500)], timeout=30)
    found["codecs"][codec]["offset_at"] = at[0].offset
    found["codecs"][codec]["watermarks"] = asked.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)
    asked.close()

# A group of two: each partition belongs to one of them.
topic = f"{prefix}.group"
create(topic, 6)
members = [
    Consumer({"bootstrap.servers": brokers, "group.id": f"{prefix}.members", "session.timeout.ms": 6000})
    for _ in range(2)
]
for member in members:
    member.subscribe([topic])
deadline = time.time() + 60
while time.time() < deadline and sorted(len(m.assignment()) for m in members) != [3, 3]:
    for member in members:
        member.poll(0.2)
found["assigned"] = sorted(p.partition for m in members for p in m.assignment())
for member in members:
    member.close()

# A transaction that commits, one that aborts.
topic = f"{prefix}.tx"
create(topic)
producer = Producer({"bootstrap.servers": brokers, "transactional.id": f"{prefix}.tx"})
producer.init_transactions(60)
for value, ends in [("a", True), ("b", False), ("c", True)]:
    producer.begin_transaction()
    producer.produce(topic, value=value)
    producer.flush(30)
    (producer.commit_transaction if ends else producer.abort_transaction)(60)
seen, _ = consume(topic, 2, **{"isolation.level": "read_committed"})
found["committed"] = [m.value().decode() for m in seen]
seen, _ = consume(topic, 3, **{"isolation.level": "read_uncommitted"})
found["uncommitted"] = [m.value().decode() for m in seen]

# What an administrator sees.
resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
config = admin.describe_configs([resource])[resource].result(30)
found["retention"] = config["retention.ms"].value
listed = admin.list_consumer_groups().result(30)
found["groups"] = f"{prefix}.members" in [group.group_id for group in listed.valid]
admin.delete_topics([topic])[topic].result(30)
found["deleted"] = topic not in admin.list_topics(timeout=30).topics
print(json.dumps(found))
