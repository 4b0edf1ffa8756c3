#!/usr/bin/env bash
# Installs the real systems that tests/real compares the embedded services with, from package registries only, each
# into its own folder below ~/.cache/taller-real (TALLER_REAL_HOME names another place).
#   tests/real/setup.sh              all of them
#   tests/real/setup.sh mlflow …     these
# A system is a function install_<name>, run in its empty folder; `ready` is written when it ends well. What is not
# installed, its tests skip by name, unless TALLER_REQUIRE (a,b) names it.
set -u
home=${TALLER_REAL_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/taller-real}

# Maven: Apache Kafka 4.3.1 with its tools (92 jars, 54 MB; needs Java 17 and mvn). PyPI: the Python clients with
# what they compress with (50 MB).
install_kafka() {
  cat >pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>taller</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.3.1</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.5</version></dependency>
  </dependencies>
</project>
POM
  mvn --batch-mode --quiet dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=jars
  java -cp 'jars/*' kafka.tools.StorageTool random-uuid
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check \
    confluent-kafka==2.16.1 kafka-python==3.0.12 python-snappy lz4 zstandard crc32c
  venv/bin/python -c 'import confluent_kafka, kafka; print(confluent_kafka.libversion(), kafka.__version__)'
}

# PyPI: mlflow 3.17.0, server and client (900 MB, three to four minutes).
install_mlflow() {
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check mlflow==3.17.0
  venv/bin/mlflow --version
}

# Go: versitygw 1.8.0 (compiled here: two to three minutes, 84 MB). PyPI: boto3 and the aws command.
install_s3() {
  GOBIN=$PWD GOFLAGS=-modcacherw GOPATH=$PWD/go GOCACHE=$PWD/go-cache \
    go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
  rm -rf go go-cache
  ./versitygw --version
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check boto3 awscli
  venv/bin/aws --version
}

# Debian: PostgreSQL, where there is none yet (apt-get as root; any version will do). PyPI: psycopg 3 (10 MB).
install_postgres() {
  local bin
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  if [ -z "$bin" ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  fi
  "$bin/postgres" --version
  ln -s "$bin" bin
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check 'psycopg[binary,pool]==3.3.*' pandas sqlalchemy
  venv/bin/python -c 'import psycopg; print(psycopg.__version__)'
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
