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
)


def sql_of(name):
    return (Path(sql_folder) / f"{name}.sql").read_text(encoding="utf-8")


lines.where(f"{corrupt} IS NULL").drop(corrupt).createOrReplaceTempView("raw")
for view, name in [("texts", "texts"), ("clean", "clean"), ("checked_once", "check")]:
    spark.sql(sql_of(name)).createOrReplaceTempView(view)
# One pass over the file, as ours: the checked rows and the torn ones go to disk, the rest reads them there.
spark.table("checked_once").write.mode("overwrite").parquet(f"{out}/checked")
spark.read.parquet(f"{out}/checked").createOrReplaceTempView("checked")
# Spark refuses a query that reads the corrupt column alone, so another one stands in it.
torn = lines.where(f"{corrupt} IS NOT NULL").selectExpr("CAST(NULL AS BIGINT) AS line", f"concat({corrupt}, coalesce(left(lead_id, 0), '')) AS text")
torn.createOrReplaceTempView("structural")
for view, name in [("rejected", "rejected"), ("valid", "valid"), ("newest", "dedupe")]:
    spark.sql(sql_of(name)).createOrReplaceTempView(view)
zstd = {"compression": "zstd"}
spark.table("rejected").write.mode("overwrite").options(**zstd).parquet(f"{out}/rejected")
spark.table("newest").write.mode("overwrite").options(**zstd).partitionBy("source").parquet(f"{out}/leads-clean")
valid = spark.read.parquet(f"{out}/leads-clean").count()
rejected = spark.read.parquet(f"{out}/rejected").count()
duplicates = spark.sql(sql_of("duplicates")).first()[0]
seconds = time.perf_counter() - started
read = valid + rejected + duplicates
print(json.dumps({"read": read, "valid": valid, "rejected": rejected, "duplicates": duplicates, "seconds": seconds}))
spark.stop()
