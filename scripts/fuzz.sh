#!/bin/sh
# Runs every fuzz test of the project one after the other. Usage: fuzz.sh 20s
set -eu
cd "$(dirname "$0")/.."
time="${1:-20s}"
for package in $(go list ./...); do
	for test in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $test"
		go test -run '^$' -fuzz "^$test\$" -fuzztime "$time" "$package"
	done
done
