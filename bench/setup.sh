#!/usr/bin/env bash
# Installs what the benches' peers need (PySpark, scikit-learn, xgboost) into the user's cache folder, 1.3 GB. Needs
# Python ≥ 3.11 and Java 17+; where one is missing it says so and ends with 75: the benches then run without these peers.
set -euo pipefail
cache=${TALLER_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/taller-bench}
venv=$cache/venv
spark=4.3.0
learn=1.9.1
xgboost=3.2.0
python=$(command -v python3 || command -v python || true)
if [ -z "$python" ]; then echo "no Python here: the peers in Python stay out" >&2; exit 75; fi
if ! command -v java >/dev/null && [ ! -x "${JAVA_HOME:-}/bin/java" ]; then echo "no Java here: PySpark stays out" >&2; exit 75; fi
mkdir -p "$cache"
has() { "$venv/bin/python" -c "from importlib.metadata import version; assert version('$1') == '$2'" 2>/dev/null; }
add() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
has pyspark $spark || add "pyspark==$spark"
has scikit-learn $learn || add "scikit-learn==$learn" numpy==2.4.6 scipy==1.17.1
# Without its parts for GPUs, which are ten times as large as itself.
has xgboost $xgboost || add --no-deps "xgboost==$xgboost"
# Spark's Kafka connector: 4.3.0 is not published, 4.2.0 works on Spark 4.3.0.
jars=$cache/spark-kafka
if [ ! -e "$jars/ready" ] && command -v mvn >/dev/null; then
  rm -rf "$jars"; mkdir -p "$jars"
  for artifact in org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0 org.apache.spark:spark-token-provider-kafka-0-10_2.13:4.2.0 \
    org.apache.kafka:kafka-clients:3.9.2 org.apache.commons:commons-pool2:2.13.1; do
    (cd "$jars" && mvn --batch-mode --quiet dependency:copy -Dartifact="$artifact" -DoutputDirectory="$jars")
  done
  touch "$jars/ready"
fi
echo "$venv/bin/python"
