"""Writes the inputs and expected outputs that tests/ml reads, from scikit-learn, xgboost and Spark's MLlib.

    $(bash bench/setup.sh) tests/oracles/make.py

bench/setup.sh pins their versions. Needs Java 17 for MLlib. Remaking on the same versions gives the same files, up to the last digits of a sum.
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
    write("quality.json", quality())
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


def larger(seed):
    """Rows enough for an AUC that tells good from bad; a categorical column, one in fifty positive in the rare label."""
    rng = np.random.default_rng(seed)
    n = 2000
    x = np.round(rng.normal(size=(n, 6)) * 2, 1)
    kind = rng.integers(0, 8, size=n)
    effect = np.array([1.5, -1, 0.3, 0, 0.8, -2, 0, 1])[kind]
    z = 0.7 * x[:, 0] - 0.4 * x[:, 1] + 0.3 * x[:, 2] * x[:, 3] + effect - 1
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    rare = (rng.random(n) < 1 / (1 + np.exp(5.5 - z))).astype(int)
    return np.column_stack([x, kind]), y, rare


def overlapping():
    """Six clouds that touch, so that a start can end in a bad place."""
    rng = np.random.default_rng(9)
    centres = rng.normal(size=(6, 4)) * 2.5
    return np.round(np.concatenate([c + rng.normal(size=(100, 4)) for c in centres]), 2)


def quality():
    import xgboost

    x, y, rare = larger(21)
    held_x, held_y, held_rare = larger(22)
    area = lambda model, target: metrics.roc_auc_score(target, model.predict_proba(held_x)[:, 1])
    forests = [RandomForestClassifier(20, max_depth=5, random_state=s).fit(x, y) for s in range(10)]
    forests_rare = [RandomForestClassifier(50, max_depth=5, random_state=s).fit(x, rare) for s in range(10)]
    hist = dict(max_depth=4, max_iter=50, max_leaf_nodes=None, early_stopping=False)
    boosting = HistGradientBoostingClassifier(**hist).fit(x, y)
    boosting_rare = HistGradientBoostingClassifier(**hist).fit(x, rare)
    categories = HistGradientBoostingClassifier(categorical_features=[6], **hist).fit(x, y)
    # Newton steps from the log-odds, as ours: neither a penalty nor a least number of rows.
    trees = xgboost.XGBClassifier(n_estimators=50, max_depth=4, learning_rate=0.1, tree_method="hist", max_bin=256,
                                  reg_lambda=0, min_child_weight=1e-3, base_score=float(y.mean()), n_jobs=1).fit(x, y)
    points = overlapping()
    return {
        "versions": {**versions(), "xgboost": xgboost.__version__},
        "x": x.tolist(), "y": y.tolist(), "rare": rare.tolist(),
        "heldX": held_x.tolist(), "heldY": held_y.tolist(), "heldRare": held_rare.tolist(),
        "forestAuc": [area(f, held_y) for f in forests],
        "forestRareAuc": [area(f, held_rare) for f in forests_rare],
        "boosting": boosting.predict_proba(held_x)[:, 1].tolist(),
        "boostingRare": boosting_rare.predict_proba(held_x)[:, 1].tolist(),
        "boostingCategories": categories.predict_proba(x)[:, 1].tolist(),
        "xgboost": [float(p) for p in trees.predict_proba(x)[:, 1]],
        "xgboostAuc": area(trees, held_y),
        "points": points.tolist(),
        "inertia": min(KMeans(6, n_init=20, random_state=s, tol=0).fit(points).inertia_ for s in range(3)),
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
    from pyspark.ml.classification import DecisionTreeClassifier as DecisionTreeClassifierOfSpark
    from pyspark.ml.classification import GBTClassifier, LogisticRegression as SparkLogistic
    from pyspark.ml.classification import RandomForestClassifier as SparkForest
    from pyspark.ml.clustering import KMeans as SparkKMeans
    from pyspark.ml.evaluation import BinaryClassificationEvaluator, ClusteringEvaluator
    from pyspark.ml.feature import StandardScaler
    from pyspark.ml.linalg import Vectors
    from pyspark.sql import SparkSession

    spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
             .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
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
    tree = DecisionTreeClassifierOfSpark(maxDepth=3, maxBins=400).fit(train)
    # MLlib merges two leaves that predict the same class, so its probabilities are coarser than the tree that it grew.
    out["treeClasses"] = [int(row.prediction) for row in tree.transform(held).collect()]
    many_x, many_y, _ = larger(21)
    fresh_x, fresh_y, _ = larger(22)
    many, fresh = frame(many_x, many_y), frame(fresh_x, fresh_y)
    area_of = lambda model: BinaryClassificationEvaluator().evaluate(model.transform(fresh))
    out["forestAuc"] = [area_of(SparkForest(numTrees=20, seed=s).fit(many)) for s in range(5)]
    out["boostingAuc"] = [area_of(GBTClassifier(maxIter=20, seed=s).fit(many)) for s in range(2)]
    scaler = StandardScaler(inputCol="features", outputCol="scaled", withMean=True).fit(train)
    out["scaler"] = {"mean": scaler.mean.tolist(), "std": scaler.std.tolist()}
    c = clusters()
    points = frame(np.array(c["x"]), np.array(c["labels"]))
    fits = [SparkKMeans(k=4, seed=s, initSteps=5).fit(points) for s in range(5)]
    out["kmeansCosts"] = [fit.summary.trainingCost for fit in fits]
    hard = overlapping()
    fits = [SparkKMeans(k=6, seed=s, maxIter=100, tol=0.0).fit(frame(hard, np.zeros(len(hard)))) for s in range(8)]
    out["overlappingCosts"] = [fit.summary.trainingCost for fit in fits]
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
