"""Evaluates SQL expressions on Spark: ml_sql_spark.py INPUT → one JSON object as the last line of stdout.

INPUT: {"names", "types", "rows": values as text or null, "sql": expressions}. "NaN" is a double's NaN, null is NULL.
"""

import json
import sys

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

with open(sys.argv[1], encoding="utf8") as file:
    given = json.load(file)

spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
         .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
         .config("spark.sql.shuffle.partitions", "1").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
parse = {"double": float, "int": int, "string": str}
schema = StructType.fromDDL(", ".join(f"`{n}` {t}" for n, t in zip(given["names"], given["types"])))
rows = [tuple(None if v is None else parse[t](v) for v, t in zip(row, given["types"])) for row in given["rows"]]
frame = spark.createDataFrame(rows, schema).coalesce(1)
scored = frame.selectExpr(*[f"{sql} AS p{i}" for i, sql in enumerate(given["sql"])])
collected = scored.collect()
print(json.dumps({
    "version": spark.version,
    "types": [field.dataType.typeName() for field in scored.schema.fields],
    "values": [[None if row[i] is None else repr(row[i]) for row in collected] for i in range(len(given["sql"]))],
}))
spark.stop()
