#!/bin/bash
# Prometheus' own tool reads the metrics page; skipped where it is not installed (package prometheus).
# $1: the build folder
. "$(dirname "$0")/../tap.sh"
bin=$1
name='metrics: promtool finds nothing wrong with the page'

if ! command -v promtool >/dev/null 2>&1; then
	pass "$name # SKIP promtool is not installed"
	finish
fi
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
METRICS_PAGE=$scratch/page "$bin/tests/metrics_test" >/dev/null 2>&1
holds 'metrics: there is a page' test -s "$scratch/page"
holds "$name" sh -c 'promtool check metrics <"$1"' - "$scratch/page"
finish
