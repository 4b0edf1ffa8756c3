#!/usr/bin/env bash
# Installs the real systems that tests/real compares the embedded services with, from package registries only, each
# into its own folder below ~/.cache/taller-real (TALLER_REAL_HOME names another place).
#   tests/real/setup.sh              all of them
#   tests/real/setup.sh mlflow …     these
# A system is a function install_<name>, run in its empty folder; `ready` is written when it ends well. What is not
# installed, its tests skip by name, unless TALLER_REQUIRE (a,b) names it.
set -u
home=${TALLER_REAL_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/taller-real}

# PyPI: mlflow 3.17.0, server and client (900 MB, three to four minutes).
install_mlflow() {
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check mlflow==3.17.0
  venv/bin/mlflow --version
}

systems=("$@")
if [ ${#systems[@]} -eq 0 ]; then mapfile -t systems < <(declare -F | sed -n 's/^declare -f install_//p'); fi
failed=0
for name in "${systems[@]}"; do
  if ! declare -F "install_$name" >/dev/null; then echo "no such system: $name" >&2; exit 2; fi
  if [ -e "$home/$name/ready" ]; then echo "$name: installed in $home/$name"; continue; fi
  echo "$name: installing into $home/$name"
  rm -rf "${home:?}/$name"; mkdir -p "$home/$name"
  if (cd "$home/$name" && set -e && "install_$name" && : >ready); then echo "$name: installed"
  else echo "$name: could not be installed" >&2; failed=75; fi
done
exit $failed
