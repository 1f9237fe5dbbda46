#!/usr/bin/env bash
# Runs the pinned clang-tidy over the .h and .cc files of the product, two at a time.
#
# Usage: clang_tidy.sh BUILD_DIR [--fix] [--changed [BASE]]
#   BUILD_DIR         a configured build directory; its compile_commands.json says how to compile
#   --fix             apply what clang-tidy proposes (most of all: includes), one file at a time
#   --changed [BASE]  only files that differ from the commit BASE (default: HEAD), and new files
# LYMER_TIDY_BASE=BASE in the environment does the same as --changed BASE: the inner loop sets it
# for a run that ctest starts.
#
# All files: each source once, and headers as seen from there. With --changed a header that differs
# is checked as a file of its own, with the flags of the source nearest to it by name.
set -euo pipefail
shopt -s inherit_errexit  # a git that fails inside $(...) ends the script

usage() { sed -n '4,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }

[[ $# -ge 1 && -d "$1" ]] || usage
build="$(cd "$1" && pwd)"
shift
base="${LYMER_TIDY_BASE-}"
jobs=2
fix=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --fix) fix=(--fix) jobs=1 ;;  # two at once might write one header
    --changed)
      base=HEAD
      if [[ $# -ge 2 && "$2" != --* ]]; then
        base="$2"
        shift
      fi
      ;;
    *) usage ;;
  esac
  shift
done
if [[ ! -f "$build/compile_commands.json" ]]; then
  echo "clang-tidy: no compile_commands.json in $build" >&2
  exit 2
fi

bin="$("$(dirname "${BASH_SOURCE[0]}")/tools.sh")"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# The product alone: tests are compiled with all warnings and run under the sanitizers, and would
# double the minutes that this takes.
tops=()
for top in runtime nfa cep checkpoint kafka rules server examples; do
  [[ -d "$top" ]] && tops+=("$top")
done

if [[ -n "$base" ]] && ! git rev-parse --verify --quiet "$base^{commit}" >/dev/null; then
  echo "clang-tidy: no commit $base here; checking all files" >&2
  base=""
fi

list_files() {
  if [[ -n "$base" ]]; then
    git diff --name-only --diff-filter=d "$base" -- "${tops[@]}"
    git ls-files --others --exclude-standard -- "${tops[@]}"
  else
    find "${tops[@]}" -type f -name '*.cc'
  fi
}

files=()
if [[ ${#tops[@]} -gt 0 ]]; then
  listed="$(list_files)"
  while IFS= read -r file; do
    [[ "$file" == *.h || "$file" == *.cc ]] && files+=("$file")
  done < <(sort -u <<<"$listed")
fi
if [[ ${#files[@]} -eq 0 ]]; then
  echo "clang-tidy: no files"
  exit 0
fi

# The build is g++'s. clang does not know all of its warnings and has others of its own; only the
# checks that .clang-tidy lists count, so clang's must not become errors by the build's -Werror.
if ! printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$jobs" \
  "$bin/clang-tidy" -p "$build" --quiet "${fix[@]}" \
  --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-error \
  2> >(grep -v -e 'warnings\? generated\.$' -e '^Suppressed ' -e '^Use -header-filter' >&2); then
  echo "clang-tidy: findings above" >&2
  exit 1
fi
echo "clang-tidy: ${#files[@]} files"
