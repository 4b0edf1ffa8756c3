"""kafka-python against a broker: kafka_python.py BROKERS TOPIC_PREFIX. Prints one JSON object."""
import json
import sys
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

brokers, prefix = sys.argv[1:3]
CODECS = [None, "gzip", "snappy", "lz4", "zstd"]
COUNT = 300
found = {"library": kafka.__version__, "codecs": {}}
admin = KafkaAdminClient(bootstrap_servers=brokers)


def consume(topic, count, **config):
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=brokers,
        group_id=f"{topic}-{time.time()}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=15_000,
        **config,
    )
    seen = []
    for record in consumer:
        seen.append(record)
        if len(seen) == count:
            break
    consumer.commit()
    committed = sum(consumer.committed(p) or 0 for p in consumer.assignment())
    consumer.close()
    return seen, committed


for codec in CODECS:
    topic = f"{prefix}.{codec}"
    admin.create_topics([NewTopic(name=topic, num_partitions=1, replication_factor=1)])
    producer = KafkaProducer(bootstrap_servers=brokers, compression_type=codec, acks="all", linger_ms=20)
    for i in range(COUNT):
        producer.send(topic, key=b"key %d" % i, value=b"value %d" % i + b"r" * 100,
                      headers=[("n", b"%d" % i)], timestamp_ms=1_700_000_000_000 + i * 1000)
    producer.flush()
    producer.close()
    seen, committed = consume(topic, COUNT)
    asked = KafkaConsumer(bootstrap_servers=brokers)
    partition = TopicPartition(topic, 0)
    found["codecs"][str(codec)] = {
        "rows": len(seen),
        "same": all(
            (r.key, r.value, r.headers[0][1], r.timestamp, r.offset)
            == (b"key %d" % i, b"value %d" % i + b"r" * 100, b"%d" % i, 1_700_000_000_000 + i * 1000, i)
            for i, r in enumerate(seen)
        ),
        "committed": committed,
        "offset_at": asked.offsets_for_times({partition: 1_700_000_000_000 + 123_500})[partition].offset,
        "end": asked.end_offsets([partition])[partition],
    }
    asked.close()

topic = f"{prefix}.tx"
admin.create_topics([NewTopic(name=topic, num_partitions=1, replication_factor=1)])
producer = KafkaProducer(bootstrap_servers=brokers, transactional_id=f"{prefix}.tx", acks="all")
producer.init_transactions()
for value, ends in [(b"a", True), (b"b", False), (b"c", True)]:
    producer.begin_transaction()
    producer.send(topic, value=value)
    producer.flush()
    (producer.commit_transaction if ends else producer.abort_transaction)()
producer.close()
seen, _ = consume(topic, 2, isolation_level="read_committed")
found["committed"] = [record.value.decode() for record in seen]
seen, _ = consume(topic, 3, isolation_level="read_uncommitted")
found["uncommitted"] = [record.value.decode() for record in seen]
admin.delete_topics([topic])
found["deleted"] = topic not in admin.list_topics()
admin.close()
print(json.dumps(found))
