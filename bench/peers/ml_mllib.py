"""Times MLlib's models on local[2]: ml_mllib.py TRAIN TEST FOLDER CASE… → one JSON object a case as the last line of stdout.

TRAIN and TEST are Parquet: x0…x15 and label. Both are in Spark's cache before anything is timed. Settings are those of
bench/ml/ours.ts, as far as MLlib has them.
"""

import json
import os
import sys
import time

from pyspark.ml.classification import GBTClassifier, LogisticRegression, RandomForestClassifier
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession

train_path, test_path, folder, *cases = sys.argv[1:]
# Spark's own Python processes need numpy too.
os.environ["PYSPARK_PYTHON"] = sys.executable
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
         .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
         .config("spark.driver.memory", "6g").config("spark.local.dir", folder)
         .config("spark.sql.shuffle.partitions", "2").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
assembler = VectorAssembler(inputCols=[f"x{j}" for j in range(16)], outputCol="features")


def read(path):
    frame = assembler.transform(spark.read.parquet(path)).select("features", "label").repartition(2).cache()
    frame.count()
    return frame


train, test = read(train_path), read(test_path)
estimators = {
    "boosting-20": lambda: GBTClassifier(maxIter=20, maxDepth=5, maxBins=255, stepSize=0.1, minInstancesPerNode=20, seed=1),
    "forest": lambda: RandomForestClassifier(numTrees=20, maxDepth=5, maxBins=255, featureSubsetStrategy="sqrt", seed=1),
    "logistic": lambda: LogisticRegression(maxIter=100, tol=1e-6),
    "kmeans": lambda: KMeans(k=8, maxIter=20, tol=0.0, seed=1),
}
out = {}
for case in cases:
    start = time.perf_counter()
    model = estimators[case]().fit(train)
    fitted = time.perf_counter()
    scored = model.transform(test)
    scored.selectExpr("sum(prediction)").collect()
    predicted = time.perf_counter()
    if case == "kmeans":
        centres = [c.tolist() for c in model.clusterCenters()]
        nearest = lambda x: min(sum((a - b) ** 2 for a, b in zip(x, c)) for c in centres)
        quality = test.rdd.map(lambda row: nearest(row.features.toArray().tolist())).sum() / test.count()
    else:
        quality = BinaryClassificationEvaluator(metricName="areaUnderROC").evaluate(scored)
    out[case] = {"fit": fitted - start, "fitCpu": None, "predict": predicted - fitted, "quality": quality}
print(json.dumps(out))
spark.stop()
