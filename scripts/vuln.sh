#!/bin/sh
# Looks for known weaknesses in what the gateway is built from and that it really
# calls. Where Go's vulnerability database cannot be asked, its source is fetched as
# a module and indexed here; that takes a minute the first time. The standard library
# that is judged is the one that go.mod asks releases to be built with.
set -eu
cd "$(dirname "$0")/.."
toolchain=$(sed -n 's/^toolchain //p' go.mod)
export GOTOOLCHAIN="$toolchain+auto"
out=$(mktemp)
trap 'rm -f "$out"' EXIT
if timeout 120 go tool govulncheck ./... >"$out" 2>&1; then
	cat "$out"
	exit 0
fi
if ! grep -q 'vuln.go.dev' "$out" || grep -q '^Vulnerability #' "$out"; then
	cat "$out" >&2
	exit 1
fi
echo "vuln: vuln.go.dev cannot be reached, using the database's own module"
# -mod=mod outside a module: this project does not depend on it
dir=$(cd / && GOFLAGS=-mod=mod go mod download -json golang.org/x/vulndb@latest | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
version=$(basename "$dir")
version=${version#vulndb@}
db="${XDG_CACHE_HOME:-$HOME/.cache}/isthmus/vulndb-$version"
if [ ! -e "$db/index/modules.json" ]; then
	mkdir -p "$db"
	(cd / && GOFLAGS=-mod=mod go run "golang.org/x/vulndb/cmd/indexdb@$version" -vulns "$dir/data/osv" -out "$db")
fi
go tool govulncheck -db "file://$db" ./...
