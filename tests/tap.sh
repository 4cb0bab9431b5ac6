# For test scripts (bash): they print the Test Anything Protocol; tests/run counts it.
LC_ALL=C.UTF-8
export LC_ALL
tap_n=0
tap_failed=0

# pass NAME / fail NAME [WHY, perhaps of several lines]
pass() {
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s\n' "$tap_n" "$1"
}
fail() {
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_n" "$1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/#   /'
}

# holds NAME COMMAND...: the command succeeds; what it prints is shown if it does not
holds() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then pass "$name"; else fail "$name" "$out"; fi
}

# is NAME WANTED GOT: the same text, where … in WANTED stands for anything
is() {
	local pattern
	pattern=$(printf '%s' "$2" | sed 's/[][\\*?]/\\&/g; s/…/*/g')
	# shellcheck disable=SC2053
	if [[ $3 == $pattern ]]; then pass "$1"; else fail "$1" "wanted: $2
got:    $3"; fi
}

tracked() { # files of the project, whoever owns the folder; without git, all that is there
	git -c safe.directory='*' ls-files 2>/dev/null || find . -type f -not -path './build*' | sed 's,^\./,,'
}

finish() {
	printf '1..%d\n' "$tap_n"
	[ "$tap_failed" = 0 ]
	exit
}
