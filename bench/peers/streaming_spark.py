"""The jobs of bench/streaming/job.ts on Spark Structured Streaming local[2], with Spark's Kafka connector.

usage: streaming_spark.py JARS BROKERS TOPIC MAX_OFFSETS CHECKPOINT
       streaming_spark.py JARS BROKERS TOPIC --latency SECONDS CHECKPOINT
Prints the same JSON lines.
"""

import json
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType, StructField, StructType, TimestampType

jars, brokers, topic, third, fourth = sys.argv[1:6]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", jars)
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.driver.memory", "4g")
    .config("spark.sql.streaming.numRecentProgressUpdates", "10000")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
schema = StructType(
    [
        StructField("lead_id", StringType()),
        StructField("type", StringType()),
        StructField("event_time", TimestampType()),
        StructField("minutes_on_site", DoubleType()),
    ]
)


def events(starting, **options):
    raw = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", brokers)
        .option("subscribe", topic)
        .option("startingOffsets", starting)
        .options(**options)
        .load()
    )
    parsed = raw.select(F.from_json(F.col("value").cast("string"), schema).alias("e")).select("e.*")
    return parsed.where("lead_id IS NOT NULL AND event_time IS NOT NULL")


def throughput(max_offsets, checkpoint):
    out = [0]

    def write(batch, _):
        out[0] += batch.count()

    query = (
        events("earliest", maxOffsetsPerTrigger=str(max_offsets))
        .withWatermark("event_time", "10 seconds")
        .groupBy(F.window("event_time", "10 seconds"), "lead_id")
        .agg(F.count("*").alias("events"), F.sum("minutes_on_site").alias("minutes"))
        .writeStream.outputMode("update")
        .trigger(availableNow=True)
        .option("checkpointLocation", checkpoint)
        .foreachBatch(write)
        .start()
    )
    query.awaitTermination()
    batches = [json.loads(p.json) if hasattr(p, "json") else p for p in query.recentProgress]
    data = [b for b in batches if b["numInputRows"] > 0]
    steady = data[2:]
    rows = sum(b["numInputRows"] for b in steady)
    ms = sum(b["durationMs"]["triggerExecution"] for b in steady)
    print(
        json.dumps(
            {
                "events": sum(b["numInputRows"] for b in data),
                "out": out[0],
                "steadyPerSecond": rows / ms * 1000 if ms else None,
            }
        )
    )


def latency(seconds, checkpoint):
    waited = []

    def write(batch, _):
        micros = [row[0] for row in batch.select(F.unix_micros("event_time")).collect()]
        now = time.time() * 1000
        waited.extend(now - at / 1000 for at in micros)

    query = (
        events("latest")
        .writeStream.outputMode("append")
        .option("checkpointLocation", checkpoint)
        .foreachBatch(write)
        .start()
    )
    while query.lastProgress is None:
        time.sleep(0.1)
    print("ready", flush=True)
    time.sleep(seconds)
    query.stop()
    kept = sorted(waited[len(waited) // 5 :])
    at = lambda share: kept[int(len(kept) * share)] if kept else None
    print(json.dumps({"events": len(waited), "p50Ms": at(0.5), "p99Ms": at(0.99)}))


if third == "--latency":
    latency(float(fourth), sys.argv[6])
else:
    throughput(int(third), fourth)
spark.stop()
