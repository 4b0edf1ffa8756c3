#!/usr/bin/env bash
# Installs what the benches' peers need (PySpark) into the user's cache folder. Needs Python ≥ 3.10 and Java 17+;
# where one is missing it says so and ends with 75: the benches then run without that peer.
set -euo pipefail
cache=${TALLER_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/taller-bench}
venv=$cache/venv
spark=4.3.0
python=$(command -v python3 || command -v python || true)
if [ -z "$python" ]; then echo "no Python here: PySpark stays out" >&2; exit 75; fi
if ! command -v java >/dev/null && [ ! -x "${JAVA_HOME:-}/bin/java" ]; then echo "no Java here: PySpark stays out" >&2; exit 75; fi
mkdir -p "$cache"
if ! "$venv/bin/python" -c "import pyspark; assert pyspark.__version__ == '$spark'" 2>/dev/null; then
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet "pyspark==$spark"
fi
echo "$venv/bin/python"
