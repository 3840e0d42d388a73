#!/bin/sh
# Makes what is given to people, below dist/release: for each architecture the program in a
# .tar.gz with its manual pages, completions and guides, and a .deb; a list of what it is
# made from (SBOM, CycloneDX); and SHA256SUMS. The same commit gives the same bytes.
#
#   scripts/release.sh [VERSION]      VERSION is that of the last tag, or 0.1.0-dev+COMMIT
#   ARCHES="amd64 arm64"              what to build for
#   TOOLS=FOLDER                      where nfpm and cyclonedx-gomod are kept (dist/tools)
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C TZ=UTC
umask 022

nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.48.0
sbom=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

commit=$(git rev-parse --short=12 HEAD)
version=${1:-$(git describe --tags --exact-match 2>/dev/null | sed 's/^v//')}
version=${version:-0.1.0-dev+$commit}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH VERSION="$version"
made=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
LICENSE=$(sed -n '1s/ License$//p' LICENSE)
export LICENSE

out=dist/release
tools=${TOOLS:-$PWD/dist/tools}
rm -rf "$out" dist/stage
mkdir -p "$out" "$tools"
# Tools are built once, for this machine, with a name that has their version.
tool() {
	bin=$tools/$(basename "${1%@*}")-${1##*@}
	if [ ! -x "$bin" ]; then
		echo "release: building $(basename "${1%@*}")" >&2
		GOBIN=$tools/new go install "$1"
		mv "$tools/new/$(basename "${1%@*}")" "$bin"
		rmdir "$tools/new"
	fi
	echo "$bin"
}
nfpm=$(tool "$nfpm")
sbom=$(tool "$sbom")

go build -trimpath -buildvcs=false -ldflags "-X main.release=$version" -o dist/stage/host ./cmd/gateway # to print pages, for whatever machine this is
for ARCH in ${ARCHES:-amd64 arm64}; do
	export ARCH STAGE="dist/stage/$ARCH"
	mkdir -p "$STAGE/man" "$STAGE/completion" "$STAGE/doc"
	echo "release: $version for $ARCH" >&2
	CGO_ENABLED=0 GOOS=linux GOARCH=$ARCH go build -trimpath -buildvcs=false -ldflags "-s -w -X main.release=$version" -o "$STAGE/gateway" ./cmd/gateway
	dist/stage/host man >"$STAGE/man/gateway.1"
	dist/stage/host help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | while read -r name; do
		dist/stage/host man "$name" >"$STAGE/man/gateway-$name.1"
	done
	gzip -9n "$STAGE"/man/*.1
	dist/stage/host completion bash >"$STAGE/completion/gateway.bash"
	dist/stage/host completion zsh >"$STAGE/completion/_gateway"
	dist/stage/host completion fish >"$STAGE/completion/gateway.fish"
	cp LICENSE "$STAGE"
	cp -R docs README.md CHANGELOG.md SECURITY.md config.example.toml "$STAGE/doc"
	sed 's|{{.Config}}|/etc/isthmus/config.toml|' cmd/gateway/setup/snippets/systemd | grep -v '^#' >"$STAGE/isthmus.service"
	find "$STAGE" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	name=isthmus-$version-linux-$ARCH
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		--transform "s|^$STAGE|$name|" -cf - "$STAGE" | gzip -9n >"$out/$name.tar.gz"
	sed -i 's|/usr/local/bin|/usr/bin|' "$STAGE/isthmus.service"
	touch -d "@$SOURCE_DATE_EPOCH" "$STAGE/isthmus.service"
	sed "s|\${STAGE}|$STAGE|" packaging/nfpm.yaml >"$STAGE/nfpm.yaml"
	"$nfpm" package --config "$STAGE/nfpm.yaml" --packager deb --target "$out" >/dev/null
	GOOS=linux GOARCH=$ARCH CGO_ENABLED=0 "$sbom" app -json -licenses=false -noserial -main cmd/gateway -output - 2>/dev/null |
		sed "s|\"timestamp\": \"[^\"]*\"|\"timestamp\": \"$made\"|" >"$out/$name.sbom.json"
done
(cd "$out" && sha256sum -- * >SHA256SUMS)
rm -rf dist/stage
cat "$out/SHA256SUMS"
