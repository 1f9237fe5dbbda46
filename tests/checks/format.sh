#!/usr/bin/env bash
# Checks that every .h and .cc of the project is as clang-format would write it.
#
# Usage: format.sh [--fix]
#   --fix  rewrite the files instead of complaining
set -euo pipefail

fix=no
case "${1-}" in
  "") ;;
  --fix) fix=yes ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

bin="$("$(dirname "${BASH_SOURCE[0]}")/tools.sh")"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

files=()
for top in runtime nfa cep checkpoint kafka rules server examples tests; do
  [[ -d "$top" ]] || continue
  while IFS= read -r -d '' file; do files+=("$file"); done \
    < <(find "$top" -type f \( -name '*.h' -o -name '*.cc' \) -print0 | sort -z)
done
if [[ ${#files[@]} -eq 0 ]]; then
  echo "format: no files"
  exit 0
fi

if [[ "$fix" == yes ]]; then
  "$bin/clang-format" -i "${files[@]}"
elif ! "$bin/clang-format" --dry-run --Werror --ferror-limit=1 "${files[@]}"; then
  echo "format: run tests/checks/format.sh --fix" >&2
  exit 1
fi
echo "format: ${#files[@]} files"
