"""Times scikit-learn on the bench's data: ml_sklearn.py FILE ROWS FEATURES → one JSON object on stdout.

FILE holds FEATURES columns of ROWS doubles, then ROWS labels as doubles, little-endian.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

path, rows, features = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
values = np.fromfile(path, dtype="<f8").reshape(features + 1, rows)
x, y = np.ascontiguousarray(values[:features].T), values[features].astype(int)


def classifier(model, data):
    start = time.perf_counter()
    model.fit(data, y)
    fitted = time.perf_counter()
    scores = model.predict_proba(data)[:, 1]
    return {"fit": fitted - start, "predict": time.perf_counter() - fitted, "quality": roc_auc_score(y, scores)}


out = {"version": sklearn.__version__}
out["boosting"] = classifier(
    HistGradientBoostingClassifier(max_iter=20, max_depth=5, max_leaf_nodes=None, early_stopping=False), x)
out["forest"] = classifier(RandomForestClassifier(20, max_depth=5, n_jobs=2, random_state=0), x)
scaled = StandardScaler().fit_transform(x)
out["logistic"] = classifier(LogisticRegression(C=np.inf), scaled)
start = time.perf_counter()
clusters = KMeans(8, n_init=1, max_iter=20, random_state=0).fit(x)
out["kmeans"] = {"fit": time.perf_counter() - start, "predict": 0, "quality": clusters.inertia_}
print(json.dumps(out))
