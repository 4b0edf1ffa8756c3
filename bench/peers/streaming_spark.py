"""The jobs of bench/streaming/job.ts on Spark Structured Streaming local[2], with Spark's Kafka connector.

The model is MLlib's own, fitted by `fit` on the same rows with as many trees of the same depth; with SCORE_BY=sql it is
ours as a SQL expression, which gives the same scores, and which Spark plans anew in every batch.

usage: streaming_spark.py JARS BROKERS TOPIC MAX_OFFSETS CHECKPOINT [INPUTS]
       streaming_spark.py JARS BROKERS TOPIC --latency SECONDS CHECKPOINT [INPUTS]
       streaming_spark.py fit INPUTS
Prints the same JSON lines.
"""

import json
import os
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType, TimestampType

LEAD = ["source", "country", "industry", "employees", "budget"]
EVENT = ["visits", "minutes_on_site", "emails_opened", "days_since_contact"]
CATEGORIES = LEAD[:3]
NUMBERS = LEAD[3:] + EVENT

is_fit = sys.argv[1] == "fit"
jars, brokers, topic, third, fourth = ["", "", "", "", ""] if is_fit else sys.argv[1:6]
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
inputs = sys.argv[2:] if is_fit else sys.argv[7:] if third == "--latency" else sys.argv[6:]
fields = [
    StructField("lead_id", StringType()),
    StructField("type", StringType()),
    StructField("event_time", TimestampType()),
    StructField("minutes_on_site", DoubleType()),
]
if inputs:
    counts = ("visits", "emails_opened", "days_since_contact")
    fields += [StructField(name, IntegerType()) for name in counts]
schema = StructType(fields)


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


def doubles(table):
    return table.withColumns({name: F.col(name).cast("double") for name in NUMBERS if name in table.columns})


def fit():
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import GBTClassifier
    from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler

    codes = [name + "_code" for name in CATEGORIES]
    filled = [name + "_filled" for name in NUMBERS]
    stages = [
        StringIndexer(inputCols=CATEGORIES, outputCols=codes, handleInvalid="keep"),
        Imputer(inputCols=NUMBERS, outputCols=filled, strategy="median"),
        VectorAssembler(inputCols=codes + filled, outputCol="features"),
        GBTClassifier(maxIter=20, maxDepth=5, stepSize=0.1, seed=8),
    ]
    train = doubles(spark.read.parquet(os.path.join(inputs[0], "train.parquet")))
    train = train.withColumn("label", F.col("converted").cast("double"))
    Pipeline(stages=stages).fit(train).write().overwrite().save(os.path.join(inputs[0], "mllib"))


def scored(stream):
    """Each event with what the static table knows of its lead, and the model's probability."""
    leads = spark.read.parquet(os.path.join(inputs[0], "leads.parquet"))
    if os.environ.get("SCORE_BY") == "sql":
        with open(os.path.join(inputs[0], "model.sql"), encoding="utf8") as file:
            model = file.read()
        return stream.join(F.broadcast(leads.cache()), "lead_id", "left").withColumn("score", F.expr(model))
    from pyspark.ml import PipelineModel
    from pyspark.ml.functions import vector_to_array

    model = PipelineModel.load(os.path.join(inputs[0], "mllib"))
    joined = doubles(stream).join(F.broadcast(doubles(leads).cache()), "lead_id", "left")
    return model.transform(joined).withColumn("score", vector_to_array("probability")[1])


def windows(stream):
    return (
        stream.withWatermark("event_time", "10 seconds")
        .groupBy(F.window("event_time", "10 seconds"), "lead_id")
        .agg(F.count("*").alias("events"), F.sum("minutes_on_site").alias("minutes"))
    )


def throughput(max_offsets, checkpoint):
    out = [0, 0.0]

    def write(batch, _):
        if inputs:
            count, total = batch.agg(F.count("*"), F.sum("score")).first()
            out[1] += total or 0.0
        else:
            count = batch.count()
        out[0] += count

    stream = events("earliest", maxOffsetsPerTrigger=str(max_offsets))
    query = (
        (scored(stream) if inputs else windows(stream))
        .writeStream.outputMode("append" if inputs else "update")
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
                "scores": out[1],
            }
        )
    )


def latency(seconds, checkpoint):
    waited = []

    def write(batch, _):
        # The score is asked for, so that Spark does not leave it out.
        columns = [F.unix_micros("event_time")] + ([F.col("score")] if inputs else [])
        micros = [row[0] for row in batch.select(*columns).collect()]
        now = time.time() * 1000
        waited.extend(now - at / 1000 for at in micros)

    stream = events("latest")
    query = (
        (scored(stream) if inputs else stream)
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


if is_fit:
    fit()
elif third == "--latency":
    latency(float(fourth), sys.argv[6])
else:
    throughput(int(third), fourth)
spark.stop()
