#!/usr/bin/env bash
# What cannot be written to standard output is told, and is not exit status 0.
#
# Usage: full_disk_test.sh LYMER RULES EVENTS
set -euo pipefail

lymer="$1"
rules="$2"
events="$3"
if [[ ! -w /dev/full ]]; then
  echo "full_disk: no /dev/full on this system: skipped"
  exit 0
fi
for command in "check $rules" "explain $rules" "--help" "--version" "run $rules $events"; do
  status=0
  # shellcheck disable=SC2086  # a command is several words
  said="$("$lymer" $command 2>&1 >/dev/full)" || status=$?
  if [[ "$status" != 3 || "$said" != *"standard output"* ]]; then
    echo "full_disk: lymer $command: exit $status, said: $said" >&2
    exit 1
  fi
done
echo "full_disk: five commands told it"
