#!/usr/bin/env bash
# From a fresh checkout to the first match: installs what the build needs, builds lymer, and runs
# the SSH example over a log.
#
# Usage: examples/quickstart.sh [LOG]
#   LOG  a log of sshd in syslog form (default: examples/ssh_brute_force/sample.log)
#
# stdout carries the matches only, one JSON object a line; all else goes to stderr. Run it again as
# often as you like: what is done already is not done twice.
set -euo pipefail

say() { echo "quickstart: $*" >&2; }

case "${1-}" in
  -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
if [[ $# -gt 1 ]]; then
  say "one log at most; see --help"
  exit 2
fi

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
example="$root/examples/ssh_brute_force"
# Made absolute before anything changes the directory.
log="${1-$example/sample.log}"
[[ "$log" == /* ]] || log="$PWD/$log"
if [[ ! -r "$log" ]]; then
  say "cannot read $log"
  exit 2
fi

source "$root/examples/install_packages.sh"

say "1/3 packages"
install_packages "${lymer_build_packages[@]}"

# A directory of its own: tests/run.sh builds the same preset with other settings.
build="$root/build/quickstart"
build_log="$build/quickstart.log"
mkdir -p "$build"
say "2/3 building lymer (the first time takes a few minutes; log: $build_log)"
if ! {
  cd "$root" &&
    cmake --preset release -B "$build" -DBUILD_TESTING=OFF -DLYMER_WERROR=OFF &&
    cmake --build "$build" --target lymer --parallel "$(nproc)"
} </dev/null >"$build_log" 2>&1; then
  cat "$build_log" >&2
  say "the build failed; its output is above"
  exit 1
fi

say "3/3 lymer run examples/ssh_brute_force/rules.cep $log"
exec "$build/bin/lymer" run "$example/rules.cep" "$log"
