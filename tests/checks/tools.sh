#!/usr/bin/env bash
# Makes sure that the pinned clang-format and clang-tidy exist, and prints where they are.
#
# They live in build/tools, outside git. The virtual environment is made once, and again only when
# requirements.txt changes: a copy of that file inside it is the mark of a finished installation.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tools="$here/../../build/tools"
mkdir -p "$tools"
tools="$(cd "$tools" && pwd)"

# ctest may start two checks at once; the second waits for the first to install.
exec 9>"$tools/lock"
flock 9

if ! cmp -s "$here/requirements.txt" "$tools/venv/requirements.txt"; then
  echo "installing clang-format and clang-tidy in build/tools (once)" >&2
  rm -rf "$tools/venv"
  python3 -m venv "$tools/venv" >&2
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$tools/venv/requirements.txt"
fi
echo "$tools/venv/bin"
