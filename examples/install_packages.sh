# The Debian packages that Lymer needs, and a function that installs what is missing of a list.
# To be sourced: examples/quickstart.sh and tests/run.sh share this one list.

# libboost1.81-dev takes the place of Debian's default libboost-dev (1.74); apt sees to that.
lymer_build_packages=(
  g++ cmake ninja-build pkg-config
  libboost1.81-dev libre2-dev libsimdjson-dev libfmt-dev
  nlohmann-json3-dev libcli11-dev libxxhash-dev libhowardhinnant-date-dev tzdata librocksdb-dev
  librdkafka-dev libssl-dev zlib1g-dev libtomlplusplus-dev
)
lymer_test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev python3 python3-venv ccache git openssl
  openjdk-17-jre-headless maven
)

# install_packages NAME... installs the packages that dpkg does not know as installed. Does nothing,
# and asks nobody, when all are there. Writes to stderr only; a failure shows apt's own words.
install_packages() {
  local package status missing=() as_root=()
  for package in "$@"; do
    status="$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)"
    [[ "$status" == installed ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0

  if ! command -v apt-get >/dev/null; then
    echo "no apt-get here; going on in the hope that these are installed: ${missing[*]}" >&2
    return 0
  fi
  if [[ "$(id -u)" -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing ${#missing[@]} packages: ${missing[*]}" >&2
  # env: sudo drops variables. stdin is closed, so that nothing can wait for an answer.
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } \
    </dev/null >&2; then
    echo "apt-get could not install: ${missing[*]}" >&2
    return 1
  fi
}
