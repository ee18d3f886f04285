# Sourced by ./dev and its parts: where things are, and how a step is run and told.
house=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${SLUICE_BUILD:-$house/build}
logs=$build/logs
# What is fetched once and kept between clones: API models, SDKs, language runtimes.
export SLUICE_CACHE=${SLUICE_CACHE:-${XDG_CACHE_HOME:-${HOME:-$build}/.cache}/sluice}
# Objects are the same wherever the tree lies, so that a second clone compiles nothing.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$house} CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
export CCACHE_SLOPPINESS=pch_defines,time_macros
export PYTHONDONTWRITEBYTECODE=1
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

# Ways of compiling, each in its own directory; sanitizer builds hold only what they run. Warnings are errors in all:
# Debian 12's g++ is the one compiler, so they are the same for everybody.
options_of() {
  echo "-DCMAKE_BUILD_TYPE=RelWithDebInfo"
  echo "-DSLUICE_WERROR=ON"
  echo "-DSLUICE_MODELS=$SLUICE_CACHE/models"
  case $1 in
    plain) echo "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG" ;; # lines for a backtrace; all of -g costs a quarter more time
    asan) printf '%s\n' "-DSLUICE_SANITIZE=address" "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1" ;;
    tsan) printf '%s\n' "-DSLUICE_SANITIZE=thread" "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1" ;;
    fuzz) printf '%s\n' "-DSLUICE_FUZZER=ON" "-DCMAKE_CXX_COMPILER=clang++-19" "-DSLUICE_WERROR=OFF" ;;
    *) fail "there is no way of compiling called $1" ;;
  esac
}

directory_of() { [[ $1 == plain ]] && echo "$build" || echo "$build/$1"; }

# configure WAY: once; afterwards ninja itself sees what changed.
configure() {
  local directory options
  directory=$(directory_of "$1")
  mapfile -t options < <(options_of "$1")
  if [[ ! -f $directory/build.ninja || "$(cat "$directory/options" 2>/dev/null)" != "${options[*]}" ]]; then
    quietly "configure-$1" cmake -S "$house" -B "$directory" -G Ninja "${options[@]}"
    echo "${options[*]}" >"$directory/options"
  fi
}

# compile WAY TARGET…
compile() {
  local way=$1
  shift
  quietly "compile-$way" ninja -C "$(directory_of "$way")" -j "$jobs" "$@"
}

# has_target WAY TARGET
has_target() { ninja -C "$(directory_of "$1")" -t query "$2" >/dev/null 2>&1; }

# The pinned API models, kept between clones.
fetch_shapes() { quietly fetch-shapes python3 "$house/shapes/fetch.py" "$SLUICE_CACHE/models"; }

# ready WAY: everything is installed, fetched and configured to compile that way.
ready() {
  need build
  fetch_shapes
  configure "$1"
}
