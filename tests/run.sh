#!/usr/bin/env bash
# Installs what the tests need, builds, and runs all tests.
#
# Usage: tests/run.sh [--quick]
#   --quick  the release build alone: no sanitizers, and clang-tidy over uncommitted files only
#
# Stages, each with its seconds: packages, tools, broker (a Kafka broker from Maven; where that
# cannot be had its tests are skipped), asan (AddressSanitizer and UndefinedBehaviorSanitizer: unit
# and golden tests, a death at each failpoint), tsan (ThreadSanitizer: the tests of what may have
# threads), release (every other test and check). The first stage that fails ends the run with a
# non-zero code. The last line of a good run is ctest's count of the release stage.
set -euo pipefail

quick=no
case "${1-}" in
  "") ;;
  --quick) quick=yes ;;
  -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "tests/run.sh: unknown option $1; see --help" >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
source examples/install_packages.sh

jobs="$(nproc)"
# CMake picks up ccache by itself. Paths below this folder do not count, so that a fresh clone finds
# what another has compiled; only -g1 sees folders, and a relative path does for a stack trace.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
export CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-5G}"
export CTEST_PARALLEL_LEVEL="$jobs"

# stage NAME COMMAND... runs one stage and says how long it took.
stage() {
  local name="$1" start="$SECONDS"
  shift
  echo "== $name"
  if ! "$@"; then
    echo "== $name: failed after $((SECONDS - start)) s" >&2
    exit 1
  fi
  echo "== $name: $((SECONDS - start)) s"
}

# ThreadSanitizer of g++ 12 stops at start-up where the kernel spreads addresses widely, so programs
# built with it run with fixed addresses, if the machine lets us.
fixed_addresses=()
if setarch "$(uname -m)" -R true 2>/dev/null; then
  fixed_addresses=(setarch "$(uname -m)" -R)
fi

# What asan has run and what does the same without it: its tests are a third of the release build.
left_out="cep;http;kafka;log;nfa;results;rules;server;storage;support"

# Sources are compiled a few at a time, which halves the time of a build from nothing.
# build PRESET [TARGET...]
build() {
  local without=""
  if [[ "$1" == release && "$quick" == no ]]; then without="$left_out"; fi
  cmake --preset "$1" -DLYMER_UNITY=ON -DLYMER_LEFT_OUT_TESTS="$without" \
    >"build/$1.configure.log" 2>&1 ||
    { cat "build/$1.configure.log"; return 1; }
  # The wrapper counts here too: the build lists the cases of each test by running it.
  "${fixed_addresses[@]}" cmake --build --preset "$1" --parallel "$jobs" \
    ${2:+--target} "${@:2}"
}

# What the tests of these labels run, and nothing else.
asan_targets=(lymer base_test cep_test checkpoint_test golden_test http_test kafka_test log_test
  nfa_test results_test rules_test runtime_test server_test storage_test support_test threads_test)
asan_tests() { ctest --preset asan --label-regex '^(unit|golden|failpoint)$'; }

# Only these could race: everything else runs on the thread of its caller, or in what these test.
tsan_targets=(base_test checkpoint_test http_test threads_test)
tsan_tests() {
  "${fixed_addresses[@]}" ctest --preset tsan --tests-regex '^(base|checkpoint|http|threads)\.'
}

all_tests() {
  ctest --preset release --no-label-summary 2>&1 | tee build/release.ctest.log
}

mkdir -p build
stage "packages" install_packages "${lymer_build_packages[@]}" "${lymer_test_packages[@]}"
stage "tools" tests/checks/tools.sh
stage "broker" python3 -B tests/kafka/broker.py build/tools/kafka-broker

if [[ "$quick" == yes ]]; then
  export LYMER_TIDY_BASE=HEAD
else
  stage "asan: build" build asan "${asan_targets[@]}"
  stage "asan: tests" asan_tests
  stage "tsan: build" build tsan "${tsan_targets[@]}"
  stage "tsan: tests" tsan_tests
fi

stage "release: build" build release
stage "release: tests" all_tests
# Once more, so that who reads only the end of the output sees the result.
grep 'tests passed' build/release.ctest.log
