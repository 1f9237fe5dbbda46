#!/usr/bin/env bash
# Kills the example in the middle of a commit and starts it again.
#
# Usage: run.sh PROGRAM
set -euo pipefail

program="$1"
directory="$(mktemp -d)"
trap 'rm -rf "$directory"' EXIT

code=0
bash -c '"$@"; exit $?' bash "$program" "$directory" --die 2>/dev/null || code=$?
echo "killed: $code"  # 128 + 9, as a shell tells of SIGKILL.
"$program" "$directory"
# Nothing is left to do: a third start books nothing.
"$program" "$directory"
