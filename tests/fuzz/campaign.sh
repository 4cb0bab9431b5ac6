#!/bin/bash
# Fuzzes targets for a while and writes down what came of it:
#
#   tests/fuzz/campaign.sh SECONDS [SEED] [TARGET...]      (fuzz_json …; none named: all)
#
# The results stand in tests/fuzz/campaign.txt, the newest of each target.  Needs clang and libclang-rt-14-dev.  What is
# found new grows in build/fuzz/corpus, not in the repository; a crash leaves its input in build/fuzz and a line "FAILED".
set -u
seconds=${1:?how many seconds each target}
seed=${2:-1}
shift $(($# < 2 ? $# : 2))
top=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$top" || exit 2
cmake --preset fuzz >/dev/null && cmake --build --preset fuzz >/dev/null || exit 2
out=$top/tests/fuzz/campaign.txt
[ $# -gt 0 ] || { set -- tests/fuzz/fuzz_*.c; set -- "${@##*/}"; set -- "${@%.c}"; }
when="$(date -u +%Y-%m-%d) $(git rev-parse --short HEAD)"

keep() { # NAME LINE: in the place of the target's earlier result
	{ grep -v "^$1 " "$out"; echo "$2"; } | LC_ALL=C sort >"$out.new" && mv "$out.new" "$out"
}

touch "$out"
status=0
cd build/fuzz || exit 2
for name in "$@"; do
	corpus=${name#fuzz_}
	mkdir -p "corpus/$corpus"
	if tests/"$name" -seed="$seed" -max_total_time="$seconds" -max_len=4096 -artifact_prefix="$name-" \
		"corpus/$corpus" "../../tests/fuzz/corpus/$corpus" >"$name.log" 2>&1; then
		result=ok
	else
		result=FAILED
		status=1
	fi
	runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$name.log")
	line=$(printf '%-22s %12s runs  %-6s  %s s, seed %s, ASan and UBSan, %s' \
		"$name" "${runs:-?}" "$result" "$seconds" "$seed" "$when")
	echo "$line"
	keep "$name" "$line"
done
exit $status
