#!/bin/bash
# bot/app/tenstep.service: systemd finds nothing wrong with it, and it gives away little.  Skipped where
# systemd-analyze is not installed (package systemd).
cd "$(dirname "$0")/../.." || exit 2
. tests/tap.sh
unit=bot/app/tenstep.service
max=1.5

if ! command -v systemd-analyze >/dev/null 2>&1; then
	pass 'unit file: its exposure # SKIP systemd-analyze is not installed'
	finish
fi
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
report=$(systemd-analyze security --offline=true --no-pager "$unit" 2>&1)
score=$(printf '%s\n' "$report" | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
if [ -n "$score" ] && awk "BEGIN { exit !($score <= $max) }"; then
	pass "unit file: its exposure is at most $max"
else
	fail "unit file: its exposure is at most $max" "it is '$score'
$report"
fi

# What it starts is not installed here: it stands in for it.
sed 's,^ExecStart=tenstep ,ExecStart=/bin/true ,' "$unit" >"$scratch/tenstep.service"
found=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$scratch/tenstep.service" 2>&1 | grep -F tenstep.service)
if [ -z "$found" ]; then
	pass 'unit file: systemd knows every line of it'
else
	fail 'unit file: systemd knows every line of it' "$found"
fi
finish
