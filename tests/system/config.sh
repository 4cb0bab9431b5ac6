#!/bin/bash
# tenstep check --config: what it prints and how it ends.  $1: the build folder
. "$(dirname "$0")/../tap.sh"
PATH=$1:$PATH
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
unset CREDENTIALS_DIRECTORY

# ends STATUS NAME COMMAND...: leaves what it printed in $out and $err
ends() {
	local wanted=$1 name=$2 got
	shift 2
	out=$("$@" 2>"$scratch/err")
	got=$?
	err=$(cat "$scratch/err")
	if [ "$got" = "$wanted" ]; then pass "$name"; else fail "$name" "ended with $got, not $wanted: $out $err"; fi
}

echo '{"listen": {"port": 8080}}' >good.json
ends 0 'config: a good file' tenstep check --config good.json
is 'config: a good file is said to be good' 'nothing wrong' "$err"

echo '{"listen": {"prot": 8080}, "desk": {"token": "hunter2-hunter2-hunter2-hunter2"}}' >bad.json
ends 1 'config: findings' tenstep check --config bad.json
is 'config: findings are told with their place' 'bad.json:1:13: error[G003]: unknown key…did you mean '"'port'"'?…' "$out"
ends 1 'config: findings as JSON' tenstep check --json --config bad.json
is 'config: one object a finding' '{"file":"bad.json","line":1,"column":13,"severity":"error","code":"G003",…}
{"file":"bad.json","line":1,…"code":"G014",…}' "$out"
for form in '' --json; do
	# shellcheck disable=SC2086
	if tenstep check $form --config bad.json 2>&1 | grep -q hunter2; then
		fail "config: a secret is not shown $form"
	else
		pass "config: a secret is not shown $form"
	fi
done

echo '{"listen": {"address": "0.0.0.0"}}' >warning.json
ends 0 'config: a warning is no failure' tenstep check --config warning.json
ends 1 'config: unless it is strict' tenstep check --strict --config warning.json
ends 2 'config: no file' tenstep check --config none.json
ends 0 'config: all keys' tenstep check --config-keys
is 'config: all keys with their defaults' '…listen.port: a whole number, 1 to 65535 (8080)…' "$out"
finish
