# Sourced by ./dev and its parts: where things are, and how a step is run and told.
house=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${SLUICE_BUILD:-$house/build}
logs=$build/logs
# What is fetched once and kept between clones: API models, SDKs, language runtimes.
export SLUICE_CACHE=${SLUICE_CACHE:-${XDG_CACHE_HOME:-${HOME:-$build}/.cache}/sluice}
# Objects are the same wherever the tree lies, so that a second clone compiles nothing.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$house} CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
export CCACHE_SLOPPINESS=pch_defines,time_macros
jobs=$(nproc)
mkdir -p "$logs" "$SLUICE_CACHE"

fail() {
  echo "$*" >&2
  exit 1
}

# quietly NAME COMMAND…: one line on the terminal, everything else in build/logs/NAME.log; its end is shown on failure.
quietly() {
  local name=$1 began=$SECONDS
  shift
  if "$@" >"$logs/$name.log" 2>&1 </dev/null; then
    ((SECONDS - began < 2)) || echo "· $name ($((SECONDS - began)) s)"
  else
    tail -n 40 "$logs/$name.log" >&2
    fail "$name failed: all of it is in $logs/$name.log"
  fi
}

# need GROUP…: installs the Debian packages of these groups (dev.d/packages) that are missing.
need() {
  local group package command why missing=()
  while read -r group package command why; do
    [[ $group != \#* && " $* " == *" $group "* ]] || continue
    [[ $command != - ]] && command -v "$command" >/dev/null && continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done <"$house/dev.d/packages"
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || fail "Sluice builds on Debian 12; here is no apt-get for: ${missing[*]}"
  local line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  ((EUID == 0)) || fail "Packages are missing. Run this, then try again:
  sudo sh -c '$line'"
  echo "· installing ${missing[*]}"
  # A source of the machine's own that does not answer is no reason to stop: the install tells whether it mattered.
  quietly install env DEBIAN_FRONTEND=noninteractive sh -c "${line/&&/;}"
}

# configure DIRECTORY OPTION…: once; afterwards ninja itself sees what changed.
configure() {
  local directory=$1
  shift
  if [[ ! -f $directory/build.ninja || "$(cat "$directory/options" 2>/dev/null)" != "$*" ]]; then
    quietly "configure-$(basename "$directory")" cmake -S "$house" -B "$directory" -G Ninja "$@"
    echo "$*" >"$directory/options"
  fi
}

# compile DIRECTORY TARGET…
compile() {
  local directory=$1
  shift
  quietly "compile-$(basename "$directory")" ninja -C "$directory" -j "$jobs" "$@"
}

fetch_shapes() {
  if [[ -x $house/shapes/fetch ]]; then
    quietly shapes-fetch "$house/shapes/fetch"
  fi
}

# The server's own build. Warnings are errors: Debian 12's g++ is the one compiler, so they are the same for everybody.
configure_server() {
  need build
  fetch_shapes
  configure "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSLUICE_WERROR=ON
}

# has_target DIRECTORY TARGET
has_target() { ninja -C "$1" -t query "$2" >/dev/null 2>&1; }
