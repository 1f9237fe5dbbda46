#!/bin/bash
# run.sh [--job] IN.jsonl OUT.jsonl: writes the cases of IN to OUT with what the real Flink answers,
# as README.md beside this file says.
# With --job they run as whole jobs in a MiniCluster, the slow way, instead of one operator each.
# What is built goes into $FLINK_WINDOWS_BUILD, or build/flink_windows. Needs Java 17 and Maven.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mode=()
[ "${1:-}" = --job ] && { mode=(--job); shift; }
if [ $# != 2 ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
given=$(realpath "$1")
answered=$(realpath -m "$2")
build=${FLINK_WINDOWS_BUILD:-$here/../../../build/flink_windows}
mkdir -p "$build"
build=$(cd "$build" && pwd)
if [ ! -s "$build/cp.txt" ] || [ "$here/pom.xml" -nt "$build/cp.txt" ]; then
  mvn -q -B -f "$here/pom.xml" dependency:build-classpath "-Dmdep.outputFile=$build/cp.txt" >&2
fi
if [ ! -f "$build/built" ] ||
    [ -n "$(find "$here/java" -name '*.java' -newer "$build/built")" ]; then
  mkdir -p "$build/classes"
  javac -nowarn -Xlint:none -d "$build/classes" -cp "$(cat "$build/cp.txt")" \
    "$here"/java/flinkwindows/*.java 2>&1 | { grep -v '^Note' >&2 || true; }
  touch "$build/built"
fi
class_path=$(tr ':' '\n' < "$build/cp.txt" | grep -v log4j | paste -sd:)
exec java -Xmx1g -XX:+UseSerialGC -XX:-OmitStackTraceInFastThrow \
  --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED \
  --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/java.time=ALL-UNNAMED \
  -cp "$build/classes:$class_path" flinkwindows.FlinkWindows "${mode[@]}" "$given" "$answered"
