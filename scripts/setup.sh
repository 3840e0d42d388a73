#!/bin/sh
# Installs what the end-to-end tests and the demo need, and nothing that is
# already there. Says what it does; says nothing when nothing is missing.
#
#   scripts/setup.sh demo    Prosody, an XMPP client library, the foreign server
#   scripts/setup.sh test    the same, ejabberd, Prosody's community modules, Libervia
#                            (a client), PostgreSQL, Chromium, nginx, Caddy, Apache, HAProxy, and a C compiler for go test -race
#   scripts/setup.sh bench   Prosody, ejabberd, nginx and wrk (which asks a web server as fast as it can)
#   scripts/setup.sh check   only the C compiler
#
# Debian 12. Packages are installed with apt as root (or through sudo), the
# foreign Fediverse server and what looks at pages with npm, below e2e/peer/node_modules
# and e2e/browser/node_modules.
set -eu
cd "$(dirname "$0")/.."

what="${1:-test}"
case "$what" in
	demo) packages="prosody python3-slixmpp" ;;
	test) packages="prosody python3-slixmpp prosody-modules ejabberd libervia-cli libervia-backend dbus openssl postgresql chromium nginx-light caddy apache2 haproxy systemd iproute2 git gcc libc6-dev" ;;
	bench) packages="prosody python3-slixmpp ejabberd openssl wrk nginx-light" ;;
	check) packages="gcc libc6-dev" ;;
	*) echo "usage: scripts/setup.sh [demo|test|bench|check]" >&2; exit 2 ;;
esac

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		fail "needs root to run: $*"
	fi
}

# A C compiler may be there without being a Debian package.
if command -v gcc >/dev/null && echo 'int main(void){return 0;}' | gcc -x c -o /dev/null - 2>/dev/null; then
	packages=$(echo "$packages" | sed 's/gcc//; s/libc6-dev//')
fi
missing=""
for p in $packages; do
	installed "$p" || missing="$missing $p"
done

# The XMPP packages come with services. The tests start servers of their own
# and want no others: nothing is started now, nor at the next boot.
policy=/usr/sbin/policy-rc.d
if [ -n "$missing" ]; then
	command -v apt-get >/dev/null || fail "needs Debian's$missing; there is no apt-get here"
	say "installing$missing (apt)"
	ours=""
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
		as_root chmod 755 "$policy"
		ours=yes
	fi
	clean() { [ -z "$ours" ] || as_root rm -f "$policy"; }
	trap clean EXIT
	log=$(mktemp)
	apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1 </dev/null; }
	# shellcheck disable=SC2086
	apt install --no-install-recommends $missing || {
		apt update && apt install --no-install-recommends $missing || { cat "$log" >&2; fail "apt could not install$missing"; }
	}
	rm -f "$log"
	clean
	trap - EXIT
	for service in prosody ejabberd postgresql nginx caddy apache2 haproxy; do
		case "$missing " in
			*" $service "*) if command -v systemctl >/dev/null; then as_root systemctl disable "$service" >/dev/null 2>&1 || true; fi ;;
		esac
	done
fi
[ "$what" = check ] && exit 0

# Fedify and the node that it needs, as the lock file says. A marker holds the
# lock file's sum, so that an interrupted or outdated installation is seen.
peer=e2e/peer
sum=$(cat "$peer/package-lock.json" "$peer/package.json" | sha256sum | cut -d' ' -f1)
node=$peer/node_modules/node/bin/node
if [ "$(cat "$peer/node_modules/.installed" 2>/dev/null)" != "$sum" ] || ! "$node" --version >/dev/null 2>&1; then
	command -v npm >/dev/null || fail "needs npm (Debian: apt install npm)"
	say "installing Fedify and Node for the foreign Fediverse server (npm)"
	# npm warns that the system's node is too old for Fedify; it is not the one that runs it
	(cd "$peer" && npm ci --loglevel=error --no-audit --no-fund --no-update-notifier </dev/null >/dev/null)
	if ! "$node" --version >/dev/null 2>&1; then # this npm does not run installation scripts
		(cd "$peer/node_modules/node" && npm run --silent preinstall </dev/null)
	fi
	"$node" --version >/dev/null || fail "the npm package node has no working binary for $(uname -m)"
	echo "$sum" >"$peer/node_modules/.installed"
fi
[ "$what" = test ] || exit 0

# What drives Chromium and judges pages.
browser=e2e/browser
sum=$(cat "$browser/package-lock.json" "$browser/package.json" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$browser/node_modules/.installed" 2>/dev/null)" != "$sum" ]; then
	say "installing what looks at pages in Chromium (npm)"
	(cd "$browser" && npm ci --ignore-scripts --loglevel=error --no-audit --no-fund --no-update-notifier </dev/null >/dev/null)
	echo "$sum" >"$browser/node_modules/.installed"
fi
