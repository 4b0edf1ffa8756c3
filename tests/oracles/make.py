"""Writes the inputs and expected outputs that tests/ml reads, from scikit-learn and Spark's MLlib.

    python -m pip install scikit-learn==1.7.2 numpy==2.2.6 scipy==1.15.3 pyspark==4.3.0
    python tests/oracles/make.py

Needs Java 17 for MLlib. Remaking on the same versions gives the same files, up to the last digits of a sum.
"""

import json
import pathlib
import sys

import numpy as np
import scipy.stats
import sklearn
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

HERE = pathlib.Path(__file__).parent
ROWS = 400


def main():
    x, y = classification(7)
    held_x, held_y = classification(8)
    write("sklearn.json", {"versions": versions(), "x": x.tolist(), "y": y.tolist(),
                           "heldX": held_x.tolist(), "heldY": held_y.tolist(),
                           "metrics": score_cases(), "models": models(x, y, held_x, held_y),
                           "clusters": clusters()})
    write("mllib.json", mllib(x, y, held_x, held_y))


def classification(seed):
    """Few distinct values, so that every threshold lies between two of them; a column that hardly matters, one constant."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=(ROWS, 5)) * [1, 2, 0.5, 10, 0] + [0, 3, 0, -20, 4], 1)
    z = 1.2 * x[:, 0] - 0.6 * (x[:, 1] - 3) + 2 * x[:, 0] * x[:, 2] - 1.2
    y = (rng.random(ROWS) < 1 / (1 + np.exp(-z))).astype(int)
    return x, y


def score_cases():
    rng = np.random.default_rng(3)
    y = (rng.random(200) < 0.2).astype(int)
    free = np.clip(0.3 * y + 0.5 * rng.random(200), 0, 1)
    cases = {"free": free, "tied": np.round(free, 1), "all-tied": np.full(200, 0.5)}
    out = {}
    for name, s in cases.items():
        called = (s > 0.5).astype(int)
        precision, recall, _ = metrics.precision_recall_curve(y, s)
        out[name] = {
            "y": y.tolist(), "scores": s.tolist(),
            "rocAuc": metrics.roc_auc_score(y, s),
            "averagePrecision": metrics.average_precision_score(y, s),
            "logLoss": metrics.log_loss(y, s), "brier": metrics.brier_score_loss(y, s),
            "accuracy": metrics.accuracy_score(y, called),
            "precision": metrics.precision_score(y, called, zero_division=0),
            "recall": metrics.recall_score(y, called), "f1": metrics.f1_score(y, called),
        }
    return out


def models(x, y, held_x, held_y):
    logistic = {}
    for name, l2, weights in [("plain", 0.0, None), ("l2", 0.05, None), ("balanced", 0.05, "balanced")]:
        deviation = x.std(axis=0, ddof=1)
        deviation[deviation == 0] = np.inf
        z = (x - x.mean(axis=0)) / deviation
        c = np.inf if l2 == 0 else 1 / (len(y) * l2)
        fit = LogisticRegression(C=c, class_weight=weights, tol=1e-12, max_iter=10000).fit(z, y)
        beta = fit.coef_[0] / deviation
        logistic[name] = {"l2": l2, "coefficients": beta.tolist(),
                          "intercept": float(fit.intercept_[0] - beta @ x.mean(axis=0))}
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(x, y)
    boosting = HistGradientBoostingClassifier(max_depth=3, max_iter=30, max_leaf_nodes=None, learning_rate=0.1,
                                              early_stopping=False).fit(x, y)
    missing = x.copy()
    missing[np.random.default_rng(1).random(x.shape) < 0.2] = np.nan
    gaps = HistGradientBoostingClassifier(max_depth=3, max_iter=30, max_leaf_nodes=None, early_stopping=False).fit(missing, y)
    forest = [RandomForestClassifier(20, max_depth=5, random_state=s).fit(x, y) for s in range(5)]
    return {
        "logistic": logistic,
        "tree": {"held": tree.predict_proba(held_x)[:, 1].tolist(), "importance": tree.feature_importances_.tolist()},
        "boosting": {"held": boosting.predict_proba(held_x)[:, 1].tolist()},
        "boostingMissing": {"x": [[None if np.isnan(v) else v for v in row] for row in missing.tolist()],
                            "scores": gaps.predict_proba(missing)[:, 1].tolist()},
        "forest": {"heldAuc": [metrics.roc_auc_score(held_y, f.predict_proba(held_x)[:, 1]) for f in forest]},
    }


def clusters():
    rng = np.random.default_rng(5)
    centres = np.array([[0, 0, 0], [6, 0, 2], [0, 7, -3], [5, 6, 9]])
    x = np.round(np.concatenate([c + rng.normal(size=(40, 3)) for c in centres]), 3)
    truth = np.repeat(np.arange(4), 40)
    fit = KMeans(4, n_init=10, random_state=0, tol=0).fit(x)
    pca = PCA(2).fit(x)
    return {
        "x": x.tolist(), "truth": truth.tolist(), "labels": fit.labels_.tolist(), "inertia": fit.inertia_,
        "silhouetteSquared": metrics.silhouette_score(x, fit.labels_, metric="sqeuclidean"),
        "silhouetteEuclidean": metrics.silhouette_score(x, fit.labels_),
        "adjustedRand": metrics.adjusted_rand_score(truth, fit.labels_ % 3),
        "pca": {"variances": pca.explained_variance_.tolist(), "shares": pca.explained_variance_ratio_.tolist(),
                "axes": pca.components_.tolist()},
    }


def mllib(x, y, held_x, held_y):
    from pyspark.ml.classification import GBTClassifier, LogisticRegression as SparkLogistic
    from pyspark.ml.classification import RandomForestClassifier as SparkForest
    from pyspark.ml.clustering import KMeans as SparkKMeans
    from pyspark.ml.evaluation import BinaryClassificationEvaluator, ClusteringEvaluator
    from pyspark.ml.feature import StandardScaler
    from pyspark.ml.linalg import Vectors
    from pyspark.sql import SparkSession

    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.sql.shuffle.partitions", "1").getOrCreate())
    frame = lambda a, b: spark.createDataFrame([(Vectors.dense(r), float(v)) for r, v in zip(a.tolist(), b)], ["features", "label"]).coalesce(1).cache()
    train, held = frame(x, y), frame(held_x, held_y)
    area = lambda model, name: BinaryClassificationEvaluator(metricName=name).evaluate(model.transform(held))
    out = {"version": spark.version, "logistic": {}}
    for l2 in (0.0, 0.05):
        fit = SparkLogistic(regParam=l2, tol=1e-12, maxIter=1000).fit(train)
        out["logistic"][str(l2)] = {"coefficients": fit.coefficients.tolist(), "intercept": fit.intercept}
    fit = SparkLogistic(regParam=0.05, tol=1e-12, maxIter=1000).fit(train)
    scores = [row.probability[1] for row in fit.transform(held).collect()]
    out["scores"] = scores
    # The evaluator ranks by rawPrediction; the metrics below are of the same order of rows.
    out["areaUnderROC"] = area(fit, "areaUnderROC")
    out["areaUnderPR"] = area(fit, "areaUnderPR")
    out["forestAuc"] = [area(SparkForest(numTrees=20, seed=s).fit(train), "areaUnderROC") for s in range(2)]
    out["boostingAuc"] = area(GBTClassifier(maxIter=20, seed=0).fit(train), "areaUnderROC")
    scaler = StandardScaler(inputCol="features", outputCol="scaled", withMean=True).fit(train)
    out["scaler"] = {"mean": scaler.mean.tolist(), "std": scaler.std.tolist()}
    c = clusters()
    points = frame(np.array(c["x"]), np.array(c["labels"]))
    fit = SparkKMeans(k=4, seed=1, initSteps=5).fit(points)
    out["kmeansCost"] = fit.summary.trainingCost
    labelled = points.withColumn("prediction", points.label.cast("int"))
    out["silhouette"] = ClusteringEvaluator().evaluate(labelled)
    spark.stop()
    return out


def versions():
    return {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__,
            "python": sys.version.split()[0]}


def write(name, data):
    (HERE / name).write_text(json.dumps(data, separators=(",", ":")) + "\n")


main()
