"""Times one model of scikit-learn or xgboost: ml_sklearn.py CASE TRAIN ROWS TEST TEST_ROWS → one JSON object on stdout.

The files hold 16 columns of doubles, then the labels as doubles, little-endian. Reading, and scaling for the linear
model, are not timed. Settings are those of bench/ml/ours.ts.
"""

import json
import sys
import time

import numpy as np

FEATURES = 16
case, train_path, train_rows, test_path, test_rows = sys.argv[1:6]


def read(path, rows):
    values = np.fromfile(path, dtype="<f8").reshape(FEATURES + 1, int(rows))
    return np.ascontiguousarray(values[:FEATURES].T), values[FEATURES].astype(int)


x, y = read(train_path, train_rows)
test_x, test_y = read(test_path, test_rows)


def model_of(case):
    if case.startswith("xgboost"):
        import xgboost

        trees = int(case.split("-")[1])
        return xgboost.XGBClassifier(n_estimators=trees, max_depth=5, learning_rate=0.1, tree_method="hist",
                                     max_bin=255, reg_lambda=0, min_child_weight=1e-3, n_jobs=2, random_state=0)
    if case.startswith("boosting"):
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(max_iter=int(case.split("-")[1]), max_depth=5, max_leaf_nodes=None,
                                              learning_rate=0.1, early_stopping=False, random_state=0)
    if case == "forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(20, max_depth=5, n_jobs=2, random_state=0)
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=np.inf, tol=1e-4, max_iter=100)


if case == "kmeans":
    from sklearn.cluster import KMeans

    start, cpu = time.perf_counter(), time.process_time()
    model = KMeans(8, n_init=1, max_iter=20, tol=0, random_state=0).fit(x)
    fitted, cpu = time.perf_counter(), time.process_time() - cpu
    model.predict(test_x)
    predicted = time.perf_counter()
    quality = -model.score(test_x) / len(test_x)
else:
    from sklearn.metrics import roc_auc_score

    if case == "logistic":
        from sklearn.preprocessing import StandardScaler

        scaler = StandardScaler().fit(x)
        x, test_x = scaler.transform(x), scaler.transform(test_x)
    model = model_of(case)
    start, cpu = time.perf_counter(), time.process_time()
    model.fit(x, y)
    fitted, cpu = time.perf_counter(), time.process_time() - cpu
    scores = model.predict_proba(test_x)[:, 1]
    predicted = time.perf_counter()
    quality = roc_auc_score(test_y, scores)
print(json.dumps({"fit": fitted - start, "fitCpu": cpu, "predict": predicted - fitted, "quality": quality}))
