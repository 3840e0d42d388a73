#!/bin/sh
# Runs a command with a PostgreSQL server of its own, which is thrown away afterwards.
# Its address is in ISTHMUS_TEST_POSTGRES.   Usage: postgres.sh go test ./db
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "postgres.sh: PostgreSQL is missing: run scripts/setup.sh test" >&2; exit 1; }
dir=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then # initdb refuses root
	chown postgres "$dir"
	as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
stop() {
	$as "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM
# Nothing here outlives the tests, so nothing needs to reach the disk.
(cd "$dir" && $as "$bin/initdb" -D "$dir/data" -A trust -U isthmus --no-sync -E UTF8 --locale=C.UTF-8 >"$dir/log" 2>&1 &&
	$as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/server.log" start >/dev/null \
		-o "-k $dir -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400") ||
	{ cat "$dir/log" "$dir/server.log" >&2 2>/dev/null; exit 1; }
ISTHMUS_TEST_POSTGRES="postgres://isthmus@/postgres?host=$dir" "$@"
