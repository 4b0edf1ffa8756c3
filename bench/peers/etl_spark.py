"""The job of `taller run etl` on PySpark local[2]: the same SQL files, the same input, zstd Parquet by source.

usage: etl_spark.py CSV SQL_FOLDER OUT_FOLDER THREADS
Prints one JSON line: rows read, valid, rejected, duplicates, and the seconds of the job without Spark's start.
"""

import json
import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.types import StringType, StructField, StructType

csv, sql_folder, out, threads = sys.argv[1:5]
spark = (
    SparkSession.builder.master(f"local[{threads}]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.shuffle.partitions", threads)
    .config("spark.driver.memory", "4g")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
started = time.perf_counter()

header = Path(csv).open(encoding="utf-8-sig").readline().strip().split(",")
corrupt = "_corrupt"
schema = StructType([StructField(name, StringType()) for name in [*header, corrupt]])
lines = (
    spark.read.schema(schema)
    .option("header", True)
    .option("multiLine", True)
    .option("escape", '"')
    .option("mode", "PERMISSIVE")
    .option("columnNameOfCorruptRecord", corrupt)
    .csv(csv)
    .cache()
)


def sql_of(name):
    return (Path(sql_folder) / f"{name}.sql").read_text(encoding="utf-8")


lines.where(f"{corrupt} IS NULL").drop(corrupt).createOrReplaceTempView("raw")
for view, name in [("texts", "texts"), ("clean", "clean"), ("checked", "check"), ("valid", "valid")]:
    spark.sql(sql_of(name)).createOrReplaceTempView(view)
newest = spark.sql(sql_of("dedupe"))
newest.write.mode("overwrite").option("compression", "zstd").partitionBy("source").parquet(f"{out}/leads-clean")
spark.sql("SELECT * FROM checked WHERE reasons IS NOT NULL").write.mode("overwrite").option("compression", "zstd").parquet(f"{out}/rejected")
read = lines.count()
torn = lines.where(f"{corrupt} IS NOT NULL").count()
kept = spark.read.parquet(f"{out}/leads-clean").count()
rejected = torn + spark.read.parquet(f"{out}/rejected").count()
seconds = time.perf_counter() - started
print(json.dumps({"read": read, "valid": kept, "rejected": rejected, "duplicates": read - kept - rejected, "seconds": seconds}))
spark.stop()
